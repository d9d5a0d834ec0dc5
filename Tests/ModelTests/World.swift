import Backends
import CacheRules
import Engine
import HTTPModel
import Resources
import Synchronization

/// One scenario: an engine with memory stores, scripted upstreams, clients, and the clock.
///
/// All of it runs on the thread of the test; a seed decides every step and every interleaving.
final class World {
    static let labels = ["a", "b"]
    static let projects = ["p0", "p1"]

    let scene: Scene
    let time = ManualTime()
    let registry: Registry
    let blobs = MemoryBlobs()
    let metadata = MemoryMetadata()
    var random: SeededGenerator
    var setting: Setting
    var policy: PolicyAdapter.Policy
    private(set) var life = Life()
    private(set) var executor = SeededExecutor()
    private(set) var engine: PullThroughEngine
    private var running: Task<Void, Never>?
    var visitors: [Visitor] = []
    var visitorCount = 0
    /// The last strong tag that was sent for each name.
    var tags: [String: String] = [:]

    /// What stays the same in a scenario.
    struct Setting {
        let ceilingSeconds: Int64
        let isOld: Bool
        let hasFaults: Bool
        let isSmall: Bool
        let heldBackByteCount: Int

        init(_ random: inout SeededGenerator) {
            ceilingSeconds = random.pick([0, 10, 300])
            isOld = random.chance(50)
            hasFaults = random.chance(35)
            isSmall = random.chance(15)
            heldBackByteCount = random.pick([0, 8, 4_000])
        }
    }

    init(seed: UInt64, isRecording: Bool = false) {
        random = SeededGenerator(seed: seed)
        scene = Scene(isRecording: isRecording)
        setting = Setting(&random)
        let setting = setting
        policy = PolicyAdapter.Policy(verifiedByteCount: random.pick([0, 60, 100_000]))
        registry = Registry(
            scene, time, seed: random.next(),
            publishedAt: ManualTime.start - (setting.isOld ? 40 * 86_400 : 0),
            hasTags: random.chance(80))
        scene.promises.withLock { promises in
            promises.areOld = setting.isOld
            promises.mayRemove = setting.isSmall
            promises.lifetime = UInt64(setting.ceilingSeconds)
            for label in Self.labels { promises.upstreams[label] = UpstreamBelief() }
        }
        engine = World.engine(life, policy, setting, blobs, metadata, registry)
        for label in Self.labels {
            for project in Self.projects { publishFirst("\(label)/\(project)") }
        }
        start()
    }

    private func publishFirst(_ document: String) {
        var files: [String: Int] = [:]
        for file in ["f0", "f1", "f2"] { files[file] = registry.upload("\(document)/\(file)") }
        registry.publish(document) { $0.files = files }
    }

    private static func engine(
        _ life: Life, _ policy: PolicyAdapter.Policy, _ setting: Setting, _ blobs: MemoryBlobs,
        _ metadata: MemoryMetadata, _ registry: Registry
    ) -> PullThroughEngine {
        var rules = EngineRules()
        rules.heldBackByteCount = setting.heldBackByteCount
        rules.operationsInterval = .seconds(20)
        if setting.isSmall { rules.eviction = EvictionRule(limitBytes: 1_500) }
        let scene = registry.scene
        let mounts = labels.compactMap { label in
            let adapter = PolicyAdapter(label: label, policy: policy)
            return AbsoluteURL("\(adapter.home)/").map { home in
                Mount(
                    path: [label], adapter: adapter, policy: UpstreamPolicy(home: home.origin),
                    freshness: FreshnessRule(ceilingSeconds: setting.ceilingSeconds))
            }
        }
        return PullThroughEngine(
            mounts: mounts, rules: rules,
            stores: EngineStores(
                blobs: ModelBlobs(blobs, life, scene),
                metadata: ModelMetadata(metadata, life, scene)),
            outside: EngineOutside(
                upstream: RegistryClient(registry: registry, life: life), time: registry.time,
                observer: ModelObserver(scene: scene, time: registry.time, life: life)))
    }

    private func start() {
        let (engine, life) = (engine, life)
        running = Task(executorPreference: executor) {
            await engine.run()
            life.hasEnded.store(true, ordering: .relaxed)
        }
    }

    /// Lets the engine do something beside what it runs.
    func command(_ body: @escaping @Sendable (PullThroughEngine) async -> Void) {
        let engine = engine
        Task(executorPreference: executor) { await body(engine) }
    }

    // MARK: Interleaving

    /// Does one thing that can be done now; false when there is none.
    func tick() -> Bool {
        let now = time.uptimeNanoseconds
        let ready = visitors.filter { $0.canGoOn(at: now) }
        let count = executor.count
        guard count + ready.count > 0 else { return false }
        let place = random.below(count + ready.count)
        guard place >= count else {
            executor.run(place)
            return true
        }
        let visitor = ready[place - count]
        scene.note("client \(visitor.number) goes on")
        visitor.goOn(engine, limit: random.pick([1, 40, 100_000]))
        settle(visitor)
        return true
    }

    /// Goes on until nothing can be done at this moment.
    func runUntilIdle() {
        var count = 0
        while tick() {
            count += 1
            if count > 200_000 { return scene.blame("the engine goes in circles") }
        }
        for visitor in visitors where visitor.isForgotten {
            scene.blame("client \(visitor.number) waits for a fill that has ended")
        }
        guard engine.fillCount == 0 else { return }
        let isWell = scene.faults == StoreFaults()
        let now = time.uptimeNanoseconds
        scene.promises.withLock { $0.idle(isWell: isWell, at: now) }
    }

    /// Judges what a client got, once it has all of it.
    func settle(_ visitor: Visitor) {
        guard visitor.isDone else { return }
        visitors.removeAll { $0 === visitor }
        let outcome = visitor.outcome(at: time.uptimeNanoseconds)
        scene.note(
            "client \(visitor.number) got \(outcome.status) with \(outcome.body?.count ?? -1) bytes"
                + (outcome.isBroken ? ", broken off" : "")
                + " (\(visitor.field("Cache-Status") ?? ""))")
        if outcome.status == 200, let tag = visitor.field("ETag") { tags[visitor.name] = tag }
        scene.promises.withLock { $0.judge(outcome, visitor.expectation) }
    }

    /// Moves the clocks, event by event.
    func pass(nanoseconds: UInt64) {
        let end = time.uptimeNanoseconds + nanoseconds
        while time.uptimeNanoseconds < end {
            runUntilIdle()
            let deadlines = visitors.compactMap(\.deadline)
            time.move(to: min(end, time.nextEnd ?? end, deadlines.min() ?? end))
        }
        runUntilIdle()
    }

    // MARK: Lives

    /// Ends this life, and begins another on the same stores.
    func restart(isCrash: Bool) {
        end(isCrash: isCrash)
        life = Life()
        executor = SeededExecutor()
        engine = World.engine(life, policy, setting, blobs, metadata, registry)
        start()
    }

    /// Ends this life, in good order or by a crash.
    func end(isCrash: Bool) {
        if isCrash { life.isOver.store(true, ordering: .relaxed) }
        scene.promises.withLock { $0.lifeIsCut() }
        for visitor in visitors { visitor.leave() }
        visitors = []
        engine.close()
        running?.cancel()
        runUntilIdle()
        if !life.hasEnded.load(ordering: .relaxed) { scene.blame("the engine does not end") }
        checkNothingIsLeft()
        life.isOver.store(true, ordering: .relaxed)
        scene.promises.withLock { $0.lifeEnds() }
    }

    /// Lets all that is under way come to its end, and looks at what is left.
    func quiesce() {
        let end = time.uptimeNanoseconds + 600 * ManualTime.second
        runUntilIdle()
        while time.uptimeNanoseconds < end, !visitors.isEmpty || engine.fillCount > 0 {
            let next = (visitors.compactMap(\.deadline) + [time.nextEnd ?? end]).min() ?? end
            time.move(to: min(end, next))
            runUntilIdle()
        }
        for visitor in visitors { scene.blame("client \(visitor.number) still waits") }
        if engine.fillCount > 0 { scene.blame("fills are under way for ever") }
        checkNothingIsLeft()
        checkRows()
    }

    private func checkNothingIsLeft() {
        let count = life.stagedCount.load(ordering: .relaxed)
        if count > 0 { scene.blame("\(count) staged blobs are left") }
        guard !life.isDead else { return }
        scene.promises.withLock { promises in
            for (name, belief) in promises.beliefs where belief.transferCount > 0 {
                promises.blame("a transfer of \(name) is left open")
            }
        }
    }

    /// Looks whether what was served is there, with the pin that it was served under.
    private func checkRows() {
        let promises = scene.promises.withLock { $0 }
        for (name, belief) in promises.beliefs where belief.isHeld {
            let body = row(name)?.body
            guard let body, case .ready = blobs.find(body) else {
                scene.blame("\(name) was served and has no row with a blob")
                continue
            }
        }
    }
}
