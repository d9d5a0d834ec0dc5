import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// The pages in a real browser, which is Debian's Chromium without a screen.
    @Suite(
        .serialized,
        .enabled(if: Browser.isInstalled, "there is no chromium, or scripts/clients got no driver"))
    struct Pages {
        @Test(
            "snippets of the page work, search finds what they brought, nothing is asked of others",
            .timeLimit(.minutes(4)))
        func pages() async throws {
            let upstream = try Upstream()
            try upstream.publishWheels()
            let npm = try NPMUpstream()
            let charts = try await HelmUpstream(packedBy: .helm4)
            let home = try LarderHome(
                upstream: upstream.index, settings: npm.settings + charts.settings)
            var larder = try await home.start()
            let scratch = try TemporaryFolder()
            let folder = try scratch.folder("clients")
            let programs = try Browser.programs(in: scratch)
            let sample = try #require(npm.packages.sample.keys.sorted().first)
            try await Browser.run(
                ["use", "http://127.0.0.1:\(larder.port)", programs, folder],
                variables: ["NPM_SAMPLE": sample])
            try await larder.stop()

            // What was counted outlives a restart, beside a month of sample history.
            try await Browser.run(["history", home.store + "/larder.sqlite"])
            larder = try await home.start()
            let fields = ["Accept: text/html"]
            let page = try await larder.get("/", fields: fields).text
            #expect(page.contains("chart-ratio") && page.contains("Served during outages"))
            let images = Browser.images ?? scratch.path + "/images"
            try await Browser.run(["look", "http://127.0.0.1:\(larder.port)", images])
            // curl gets what it always got.
            #expect(try await larder.get("/").text.hasPrefix("Larder: a pull-through cache"))
            try await larder.stop()
        }
    }
}

/// Chromium and what drives it.
enum Browser {
    private static let client = Client(name: "browser")

    static var isInstalled: Bool {
        Machine.mustRunAll
            || ["/usr/bin/chromium", "/usr/bin/chromedriver", client.python]
                .allSatisfy(FileManager.default.isExecutableFile(atPath:))
    }

    /// Where pictures are wanted; they are thrown away where nobody says.
    static var images: String? { ProcessInfo.processInfo.environment["LARDER_IMAGES"] }

    static func run(_ words: [String], variables: [String: String] = [:]) async throws {
        let scratch = try TemporaryFolder()
        try await client.run(
            [client.python, Machine.script("browser.py")] + words, home: scratch,
            folder: scratch.path, variables: variables)
    }

    /// A folder with the clients under the names that the page has for them.
    static func programs(in scratch: TemporaryFolder) throws -> String {
        let folder = try scratch.folder("programs")
        let node = Machine.clients + "/node-24/bin"
        for (name, path) in [
            ("pip", Client.newestPip.programs + "/pip"), ("uv", Client.uv.programs + "/uv"),
            ("python3", Client.newestPip.python), ("npm", node + "/npm"), ("node", node + "/node"),
            ("helm", HelmClient.helm4.program),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: path)
        }
        return folder
    }
}
