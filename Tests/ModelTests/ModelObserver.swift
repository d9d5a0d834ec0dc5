import Backends
import CacheRules
import Engine
import HTTPModel
import Synchronization

/// Tells the model what the engine tells operators.
struct ModelObserver: EngineObserver {
    let scene: Scene
    let time: ManualTime
    let life: Life

    func upstreamChanged(_ upstream: String, isUp: Bool) {
        guard !life.isDead else { return }
        scene.note("\(upstream) is \(isUp ? "up" : "down")")
        scene.promises.withLock { $0.changes(upstream, isUp: isUp) }
    }

    func drillChanged(_ upstream: String, isCut: Bool) {
        guard !life.isDead else { return }
        scene.note("\(upstream) is \(isCut ? "cut off" : "back")")
        let now = time.uptimeNanoseconds
        scene.promises.withLock { promises in
            promises.upstreams[upstream]?.isCut = isCut
            promises.disturb(upstream, at: now)
        }
    }

    func storeFailed(_ error: StoreError) { scene.note("a store failed: \(error)") }
    func integrityFailed(_ upstream: String, reason: String) {
        scene.note("\(upstream) sent wrong bytes: \(reason)")
    }
    func documentHeldBack(_ upstream: String, path: String, _ regression: Regression) {
        scene.note("\(path) is held back: \(regression.rawValue)")
    }

    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome) {}
    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64) {}
    func upstreamDelivered(_ upstream: String, byteCount: Int) {}
    func outageEnded(_ outage: Outage) {}
    func requestCollapsed() {}
    func renderingStored() {}
    func documentRefused(_ upstream: String, fault: String) {}
    func documentsAreHeldBack(_ count: Int) {}
    func documentNoted(_ upstream: String, note: String, _ count: Int) {}
    func storeHolds(responseCount: Int, byteCount: Int) {}
    func evicted(byteCount: Int) {}
}
