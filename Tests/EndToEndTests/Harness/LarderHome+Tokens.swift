import Foundation
import Testing

extension LarderHome {
    /// Makes a token, as an operator does.
    ///
    /// - Returns: The token; the command prints nothing else.
    func token(
        _ name: String, scopes: [String] = [], expires: String? = nil
    ) async throws -> String {
        let words =
            ["token", "create", name] + scopes.flatMap { ["--scope", $0] }
            + (expires.map { ["--expires", $0] } ?? [])
        let outcome = try await run(words)
        try #require(outcome.isGood, "\(outcome.output)")
        let token = outcome.output.dropLast()
        try #require(token.hasPrefix("larder_") && token.utf8.count == 88)
        return String(token)
    }

    func revoke(_ name: String) async throws {
        let outcome = try await run(["token", "revoke", name])
        try #require(outcome.isGood, "\(outcome.output)")
    }

    /// Everything that lies in the data folder, for one who looks for a secret in it.
    func holds(text: String) throws -> Bool {
        let wanted = Foundation.Data(text.utf8)
        return try TemporaryFolder.files(below: store).contains { file in
            Foundation.Data(try TemporaryFolder.bytes(of: file)).range(of: wanted) != nil
        }
    }
}

extension Larder {
    /// A request with a token as pip, uv and helm send it.
    func get(
        _ target: String, with token: String?, fields: [String] = [], method: String = "GET"
    ) async throws -> Exchange {
        let basic = token.map { Foundation.Data("any:\($0)".utf8).base64EncodedString() }
        let field = basic.map { ["Authorization: Basic \($0)"] } ?? []
        return try await Exchange.get(
            target, from: port, fields: field + fields, method: method)
    }

    /// Waits until a token is taken, or is not any more; for the log of changes that is read each
    /// second.
    func expect(
        _ status: Int, of target: String, with token: String, within seconds: Double = 10
    ) async throws {
        try await eventually("\(status) for \(target)", within: seconds, pause: 50) {
            try await get(target, with: token, method: "HEAD").status == status ? true : nil
        }
    }
}
