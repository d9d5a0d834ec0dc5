package import Backends
package import HTTPModel

/// What metrics and the log are told; called on server threads and in fills, so it must not block.
package protocol EngineObserver: Sendable {
    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome)
    /// One request to an upstream came to an end: its status, or nil when there was none.
    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64)
    func upstreamDelivered(_ upstream: String, byteCount: Int)
    /// An outage began or ended.
    func upstreamChanged(_ upstream: String, isUp: Bool)
    /// What the outage was that has just ended.
    func outageEnded(_ outage: Outage)
    /// A drill cut an upstream off, or let it be reached again.
    func drillChanged(_ upstream: String, isCut: Bool)
    func requestCollapsed()
    /// A document was rendered for clients, and the result is kept.
    func renderingStored()
    func integrityFailed(_ upstream: String, reason: String)
    func documentRefused(_ upstream: String, fault: String)
    /// A new version of a document was stored without something that it had, `count` times.
    func documentNoted(_ upstream: String, note: String, _ count: Int)
    func storeHolds(responseCount: Int, byteCount: Int)
    func evicted(byteCount: Int)
    func storeFailed(_ error: StoreError)
}
