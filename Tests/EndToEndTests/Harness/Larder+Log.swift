import HTTPModel
import Testing

extension Larder {
    /// Waits until the log has all lines that were given to it before.
    ///
    /// They are written a moment later, in their order. Only for a server that serves, and whose log
    /// has requests.
    ///
    /// - Returns: The number of the request that this makes, which is in the log as well.
    @discardableResult
    func settleLog() async throws -> String {
        let id = try #require(try await get("/healthz").headers["x-request-id"])
        return try await eventually("the log has request \(id)") {
            log.contains("\"\(id)\"") ? id : nil
        }
    }
}
