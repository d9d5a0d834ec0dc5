import Backends
import Synchronization

/// One transfer as the upstream sees it, which ends once: at its end, or when nobody wants it.
final class OpenTransfer: Sendable {
    let name: String
    private let registry: Registry
    private let life: Life
    private let isOpen = Atomic<Bool>(true)

    init(_ name: String, _ registry: Registry, _ life: Life) {
        self.name = name
        self.registry = registry
        self.life = life
    }

    deinit { end() }

    func end(isWhole: Bool = false) {
        guard isOpen.exchange(false, ordering: .relaxed), !life.isDead else { return }
        let now = registry.time.uptimeNanoseconds
        registry.scene.promises.withLock { promises in
            promises.transferEnds(name, at: now)
            if isWhole { promises.delivered(name) }
        }
    }
}

/// A body in pieces; between any two of them anything may happen.
final class RegistryBody: UpstreamBody {
    private struct State {
        var rest: [[UInt8]]
        var isCancelled = false
    }

    private let plan: RegistryClient.Plan
    private let registry: Registry
    private let transfer: OpenTransfer
    private let state: Mutex<State>

    init(_ plan: RegistryClient.Plan, _ registry: Registry, _ transfer: OpenTransfer) {
        self.plan = plan
        self.registry = registry
        self.transfer = transfer
        let count = registry.state.withLock { $0.random.below(4) + 1 }
        let length = max(1, (plan.bytes.count + count - 1) / count)
        let pieces = stride(from: 0, to: plan.bytes.count, by: length).map {
            Array(plan.bytes[$0..<min($0 + length, plan.bytes.count)])
        }
        state = Mutex(State(rest: pieces))
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        await Task.yield()
        let (piece, isCancelled) = state.withLock { state in
            (state.rest.isEmpty ? nil : state.rest.removeFirst(), state.isCancelled)
        }
        guard !isCancelled, !Task.isCancelled else {
            transfer.end()
            throw .cancelled
        }
        if let piece { return piece }
        if plan.stalls {
            await registry.time.wait(
                until: registry.time.uptimeNanoseconds + 30 * ManualTime.second)
        }
        transfer.end(isWhole: plan.isRight && plan.ending == nil)
        if Task.isCancelled { throw .cancelled }
        if let ending = plan.ending { throw ending }
        return nil
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
        transfer.end()
    }
}
