import Backends
import CacheRules
import Engine
import HTTPModel
import Support

extension Bench {
    /// A bench whose adapter is as `change` says.
    convenience init(
        adapter change: (inout TestAdapter) -> Void, _ rules: (inout EngineRules) -> Void = { _ in }
    ) {
        self.init(mounts: [Bench.mount(["t"], change)], rules)
    }

    static func mount(
        _ path: [String] = ["t"], _ change: (inout TestAdapter) -> Void = { _ in }
    ) -> Mount {
        var adapter = TestAdapter()
        change(&adapter)
        return Mount(
            path: path, adapter: adapter,
            policy: UpstreamPolicy(home: TestAdapter.url("/").origin),
            freshness: FreshnessRule(ceilingSeconds: 300))
    }

    /// Sends a request as a server would: its body only where that is wanted.
    func send(
        _ method: Method, _ path: String, body: String? = nil,
        _ change: (inout RequestHead) -> Void = { _ in }
    ) async throws -> Got {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, change)
    }

    func send(
        _ method: Method, _ path: String, bytes: [UInt8]?,
        _ change: (inout RequestHead) -> Void = { _ in }
    ) async throws -> Got {
        var head = RequestHead(method: method, target: try RequestTarget(Array(path.utf8)))
        change(&head)
        let isWanted = engine.bodyLimit(for: head) != nil
        var answer =
            if isWanted, let bytes {
                engine.answer(head, body: RequestBody(bytes))
            } else {
                engine.answer(head)
            }
        var got = Got()
        while case .pending(let pending) = answer {
            got.rounds += 1
            await news(of: pending.fill)
            answer = engine.resume(pending, for: head, after: .news)
        }
        guard case .reply(let reply) = answer else { return got }
        got.status = reply.status
        got.fields = String(decoding: reply.fields, as: UTF8.self)
        if case .bytes(let bytes) = reply.body { got.body = bytes }
        return got
    }
}
