import Foundation

/// What this machine has for the end-to-end tests.
enum Machine {
    private static let environment = ProcessInfo.processInfo.environment

    /// Where everything must run, a missing client is a failure and no reason to skip.
    static let mustRunAll = environment["CI"] == "true"
    /// The release build of `larder`.
    static let binary = environment["LARDER_BINARY"] ?? ""
    static let hasBinary = FileManager.default.isExecutableFile(atPath: binary)
    /// The hostile upstream as a program, which is built beside the tests.
    static let hostileUpstream = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("hostile-upstream").path
    static let hasHostileUpstream = FileManager.default.isExecutableFile(atPath: hostileUpstream)
    /// The folder that `scripts/clients` fills.
    static let clients = environment["LARDER_CLIENTS"] ?? ""
    static let hasWheels = FileManager.default.fileExists(atPath: clients + "/wheels/installed")
    static let valgrind = "/usr/bin/valgrind"
    /// Mounting needs root, and in a container more than that.
    static let canMount = MountedFolder.isPermitted()
    /// strace may be missing, or not be allowed to trace.
    static let canTrace = Injection.isPermitted()
    /// How often a process is killed; a soak sets more.
    static let rounds = count("LARDER_ROUNDS", 50)
    /// Whether counts and sizes are those of the catalogue, whatever the time they take; in a soak.
    static let isFull = rounds >= 1_000
    /// Cold fetches in each of those rounds.
    static let fetches = count("LARDER_FETCHES", 3)
    /// How often a process is killed at each named system call.
    static let pointRounds = count("LARDER_POINT_ROUNDS", 1)
    /// How many of the first calls of each kind fail, each in a round of its own.
    static let faults = count("LARDER_FAULTS", 6)
    /// What random choices come from: always the same, but in a soak; printed, and set to repeat it.
    static let seed =
        environment["LARDER_SEED"].flatMap { UInt64($0) }
        ?? (isFull ? UInt64.random(in: 1 ... .max) : 1)

    private static func count(_ name: String, _ standard: Int) -> Int {
        max(1, environment[name].flatMap { Int($0) } ?? standard)
    }

    /// A file that belongs to these tests, by its path below their folder.
    static func script(_ name: String) -> String {
        project("Tests/EndToEndTests/Scripts/\(name)")
    }

    /// A file of the project, by its path below the project's folder.
    static func project(_ path: String) -> String {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent(path).path
    }
}

/// xorshift64*: the same numbers from the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
