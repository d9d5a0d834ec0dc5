import Backends
import Digests
import HTTPModel
import Synchronization

/// The upstreams of one scenario: what they publish, and how they behave just now.
final class Registry: Sendable {
    /// How an upstream behaves.
    enum Mode: String, Sendable, CaseIterable {
        case good, absent, failing, busy, blackhole, refused, cut, stalled, wrong, long, garbage
        case unasked, older
        /// Any of these, anew for each request.
        case mixed
    }

    /// One state of a document.
    struct Version: Sendable {
        let serial: Int
        /// The files that it names, with the number of their bytes.
        var files: [String: Int]
        var isTakedown = false
        var bytes: [UInt8] = []

        var tag: String { "\"v\(serial)\"" }
    }

    struct State: Sendable {
        var modes: [String: Mode] = [:]
        /// By document, oldest first.
        var versions: [String: [Version]] = [:]
        /// By file, oldest first.
        var bodies: [String: [[UInt8]]] = [:]
        var random: SeededGenerator
        var publishedAt: Int64
        var hasTags = true
    }

    let scene: Scene
    let time: ManualTime
    let state: Mutex<State>

    init(_ scene: Scene, _ time: ManualTime, seed: UInt64, publishedAt: Int64, hasTags: Bool) {
        self.scene = scene
        self.time = time
        state = Mutex(
            State(
                random: SeededGenerator(seed: seed), publishedAt: publishedAt, hasTags: hasTags))
    }

    /// The newest version of a document.
    func current(_ document: String) -> Version? {
        state.withLock { $0.versions[document]?.last }
    }

    /// Whether a good upstream would give this document or file.
    func offers(_ name: String, isFile: Bool) -> Bool {
        guard isFile else { return current(name) != nil }
        let file = String(name.split(separator: "/").last ?? "")
        return current(Promises.document(of: name))?.files[file] != nil
    }

    /// Publishes a new version of a document.
    func publish(_ document: String, _ change: (inout Version) -> Void) {
        let bytes = state.withLock { state in
            let last = state.versions[document]?.last
            var version = Version(serial: (last?.serial ?? 0) + 1, files: last?.files ?? [:])
            change(&version)
            version.bytes = Self.text(of: version, document, state)
            state.versions[document, default: []].append(version)
            return version.bytes
        }
        scene.promises.withLock { promises in
            promises.publish(bytes, as: document)
            promises.disturb(Promises.label(of: document), at: time.uptimeNanoseconds)
        }
    }

    private static func text(
        of version: Version, _ document: String, _ state: State
    ) -> [UInt8] {
        var lines = ["ok \(version.serial)\(version.isTakedown ? " takedown" : "")"]
        for (file, number) in version.files.sorted(by: { $0.key < $1.key }) {
            let bytes = state.bodies["\(document)/\(file)"]?[number] ?? []
            lines.append(
                "\(file) \(BlobDigest.of(bytes).hex) \(bytes.count) \(state.publishedAt)")
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Gives a file bytes, which the next version of its document names.
    ///
    /// - Returns: Their number among those of the file.
    func upload(_ file: String) -> Int {
        let (bytes, number) = state.withLock { state in
            let count = 1 + state.random.below(state.random.chance(20) ? 3_000 : 120)
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: state.random.next()) }
            state.bodies[file, default: []].append(bytes)
            return (bytes, (state.bodies[file]?.count ?? 1) - 1)
        }
        scene.promises.withLock {
            $0.publish(bytes, as: file)
            if number > 0 { $0.beliefs[file]?.lose() }
        }
        return number
    }

    func behave(_ label: String, _ mode: Mode) {
        state.withLock { $0.modes[label] = mode }
        scene.promises.withLock { promises in
            promises.upstreams[label]?.isGood = mode == .good
            promises.disturb(label, at: time.uptimeNanoseconds)
        }
    }

    /// How the next request is answered.
    func nextMode(_ label: String) -> Mode {
        state.withLock { state in
            let mode = state.modes[label] ?? .good
            guard mode == .mixed else { return mode }
            return state.random.chance(50)
                ? .good : state.random.pick(Mode.allCases.filter { $0 != .mixed })
        }
    }
}
