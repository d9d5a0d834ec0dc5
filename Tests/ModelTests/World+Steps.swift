import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Synchronization

/// What can happen in a scenario, each kind as often as its weight says.
extension World {
    enum Step: String {
        case ask, askCrowd, askAgain, leave, tick, settle, wait, waitLong, behave, publish, reupload
        case takedown, shrink, evict, lose, fault, accept, purge, drill, restart, crash, policy
    }

    private static let steps: [(weight: Int, value: Step)] = [
        (26, .ask), (4, .askCrowd), (8, .askAgain), (4, .leave), (8, .tick), (6, .settle),
        (9, .wait), (4, .waitLong), (13, .behave), (5, .publish), (2, .reupload), (1, .takedown),
        (1, .shrink), (2, .evict), (1, .lose), (4, .fault), (2, .accept), (1, .purge), (2, .drill),
        (2, .restart), (2, .crash), (1, .policy),
    ]

    /// Does one step, then lets some of what it began happen.
    func step() {
        let step = random.pick(weighted: Self.steps)
        scene.note("-- \(step.rawValue)")
        perform(step)
        if random.chance(30) { return runUntilIdle() }
        for _ in 0..<random.below(14) where tick() {}
    }

    private func perform(_ step: Step) {
        switch step {
        case .ask: ask(someName())
        case .askCrowd:
            let name = someName()
            for _ in 0..<4 { ask(name) }
        case .askAgain: ask(tags.isEmpty ? someName() : random.pick(tags.keys.sorted()))
        case .leave: if !visitors.isEmpty { leave(random.below(visitors.count)) }
        case .tick: break
        case .settle: runUntilIdle()
        case .wait: pass(nanoseconds: UInt64(random.below(12_000)) * 1_000_000)
        case .waitLong: pass(nanoseconds: random.pick([60, 200, 3_600]) * ManualTime.second)
        case .behave, .publish, .reupload, .takedown, .shrink: performUpstream(step)
        case .evict: command { await $0.evict() }
        case .lose: loseBlob()
        case .fault: if setting.hasFaults { fault() }
        case .accept, .purge, .drill: performOperator(step)
        case .restart: restart(isCrash: false)
        case .crash: restart(isCrash: true)
        case .policy:
            policy.number += 1
            scene.promises.withLock { $0.policyChanges() }
            policy.hidden = random.pick(["", "f2"])
            policy.verifiedByteCount = random.pick([0, 60, 100_000])
            restart(isCrash: false)
        }
    }

    private func performUpstream(_ step: Step) {
        let label = random.pick(Self.labels)
        let document = "\(label)/\(random.pick(Self.projects))"
        switch step {
        case .behave:
            let mode = random.chance(45) ? .good : random.pick(Registry.Mode.allCases)
            scene.note("\(label) is \(mode.rawValue)")
            registry.behave(label, mode)
        case .publish:
            let file = "f\(3 + random.below(3))"
            guard registry.current(document)?.files[file] == nil else { break }
            let number = registry.upload("\(document)/\(file)")
            registry.publish(document) { $0.files[file] = number }
        case .reupload:
            let number = registry.upload("\(document)/f1")
            registry.publish(document) { $0.files["f1"] = number }
        case .takedown:
            registry.publish(document) { version in
                version.isTakedown = true
                version.files = version.files.filter { $0.key == "f0" }
            }
        default:
            scene.promises.withLock { $0.beliefs[document]?.hasShrunk = true }
            registry.publish(document) { version in
                version.files = version.files.filter { $0.key == "f0" }
            }
        }
    }

    private func someName() -> String {
        let document = "\(random.pick(Self.labels))/\(random.pick(Self.projects))"
        return random.chance(45) ? document : "\(document)/f\(random.below(5))"
    }

    // MARK: Clients

    private func ask(_ name: String) {
        let isFile = name.split(separator: "/").count == 3
        let parts = name.split(separator: "/", maxSplits: 1)
        let path = "/\(parts[0])/\(isFile ? "file" : "doc")/\(parts[1])"
        guard let target = try? RequestTarget(Array(path.utf8)) else { return }
        var head = RequestHead(method: random.chance(10) ? .head : .get, target: target)
        head.host = "localhost"
        if random.chance(15) { head.ifNoneMatch = tags[name] }
        if isFile, random.chance(20) {
            head.range = random.pick(["bytes=0-9", "bytes=5-", "bytes=-7"])
        }
        if !isFile, random.chance(10) { head.asksForRefresh = true }
        visitorCount += 1
        let isOffered = registry.offers(name, isFile: isFile) && !isHidden(name)
        let now = time.uptimeNanoseconds
        let expectation = scene.promises.withLock {
            $0.expectation(name, isFile: isFile, isOffered: isOffered, at: now)
        }
        scene.note(
            "client \(visitorCount): \(head.method) \(name) \(head.range ?? "")"
                + (expectation.isHeld ? " (stored)" : "") + (expectation.isCalm ? " (offered)" : "")
        )
        let visitor = Visitor(visitorCount, name, isFile: isFile, head, expectation)
        visitors.append(visitor)
        visitor.begin(engine)
        settle(visitor)
    }

    private func isHidden(_ name: String) -> Bool {
        !policy.hidden.isEmpty && name.hasSuffix("/\(policy.hidden)")
    }

    private func leave(_ place: Int) {
        scene.note("client \(visitors[place].number) leaves")
        visitors.remove(at: place).leave()
    }

    // MARK: Stores

    func row(_ name: String) -> StoredResponse? {
        rows().first { Promises.name(ofKey: $0.key.text) == name }
    }

    /// All that is stored, read on the side.
    func rows() -> [StoredResponse] {
        let metadata = metadata
        return onTheSide {
            (try? await metadata.rows(after: nil, limit: 1_000))?.rows.map(\.response) ?? []
        } ?? []
    }

    private func loseBlob() {
        let stored = rows().filter { $0.kind != .rendering }
        guard !stored.isEmpty else { return }
        let lost = random.pick(stored)
        scene.promises.withLock { promises in
            promises.mayRemove = true
            for response in stored where response.body == lost.body {
                guard let name = Promises.name(ofKey: response.key.text) else { continue }
                promises.lose(name)
                // Its renderings are served on, which say nothing of it.
                if response.kind == .document { promises.beliefs[name]?.isTainted = true }
            }
        }
        let blobs = blobs
        scene.note("\(lost.key.text) loses its body")
        _ = onTheSide { try? await blobs.delete(lost.body) }
    }

    private func fault() {
        var faults = StoreFaults()
        if scene.faults == faults || random.chance(40) {
            switch random.below(5) {
            case 0: faults.failsToStage = true
            case 1: faults.room = random.below(60)
            case 2: faults.failsToCommit = true
            case 3: faults.isDatabaseBroken = true
            default: faults.isDatabaseFull = true
            }
        }
        scene.note("\(faults)")
        scene.promises.withLock { $0.faultsChange(to: faults) }
        scene.faults = faults
    }

    // MARK: Operators

    private func performOperator(_ step: Step) {
        let label = random.pick(Self.labels)
        let name = "\(label)/\(random.pick(Self.projects))"
        let now = time.now
        switch step {
        case .drill:
            let isCut = random.chance(50)
            operate { metadata in
                if isCut {
                    try await metadata.beginDrill([label], at: now)
                } else {
                    try await metadata.endDrill([label])
                }
            }
        case .accept:
            guard let key = row(name)?.key else { return }
            scene.promises.withLock {
                $0.lose(name)
                $0.disturb(label, at: time.uptimeNanoseconds)
            }
            operate { metadata in
                try await metadata.accept(key, until: now + 86_400)
                try await metadata.note(Change(kind: .wanted, key: key), at: now)
            }
        default:
            guard let stored = row(name) else { return }
            scene.note("\(name) is purged")
            scene.promises.withLock { promises in
                promises.mayRemove = true
                promises.lose(name)
                // Until the engine hears of it, it may serve and validate what it knows, unstored.
                if promises.isDirty { promises.beliefs[name]?.isTainted = true }
            }
            operate { metadata in
                try await metadata.remove(stored.key)
                try await metadata.note(
                    Change(kind: .purged, key: stored.key, released: stored.body), at: now)
            }
        }
    }

    /// Does what a command of an operator does, and lets the engine hear of it.
    private func operate(_ body: @escaping @Sendable (MemoryMetadata) async throws -> Void) {
        let metadata = metadata
        _ = onTheSide { try? await body(metadata) }
        command { try? await $0.learnOperations() }
    }

    /// Runs what never suspends, between two steps of the engine.
    private func onTheSide<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) -> Value? {
        let side = SeededExecutor()
        let result = Box<Value>()
        Task(executorPreference: side) { result.put(await body()) }
        while side.count > 0 { side.run(0) }
        return result.value
    }
}

/// The result of a task that ran to its end.
private final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    func put(_ value: Value) { content.withLock { $0 = value } }

    var value: Value? { content.withLock { $0 } }
}
