import Ecosystems
import Foundation
import HTTPModel
import PyPI
import Support

/// Readers that are not Larder's: Python's, and pip's own.
enum Judge {
    /// A page for a judge: the upstream's, and our renderings of it.
    struct Entry: Encodable {
        let project: String
        let base: String
        let original: String
        let json: String
        let html: String
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    /// The Python whose pip judges: of the clients that `scripts/clients` made, else the machine's.
    static let pip: String? = {
        let clients =
            ProcessInfo.processInfo.environment["LARDER_CLIENTS"]
            ?? folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build-clients").path()
        let candidates = [clients + "/pip-newest/bin/python", "python3"]
        return candidates.first { python in
            let words = [python, "-I", "-c", "import pip._internal.index.collector"]
            return (try? Program.run(words).status) == 0
        }
    }()

    /// Runs a script beside this file over the manifest or the files.
    static func judge(
        _ script: String, _ arguments: [String], python: String = "python3"
    ) throws -> (status: Int32, output: String) {
        try Program.run([python, "-I", folder.appending(path: script).path()] + arguments)
    }

    /// Renders pages into `folder` and writes the manifest that the scripts read.
    static func manifest(of pages: [Fixture], in folder: URL) throws -> URL {
        let entries = try zip(0..., pages).map { try entry($1, number: $0, in: folder) }
        let manifest = folder.appending(path: "manifest.json")
        try JSONEncoder().encode(entries).write(to: manifest)
        return manifest
    }

    private static func entry(
        _ fixture: Fixture, number: Int, in folder: URL
    ) throws -> Entry {
        let document = try fixture.document()
        let ending = fixture.isJSON ? "json" : "html"
        let original = folder.appending(path: "\(number).\(ending)")
        let json = folder.appending(path: "\(number).ours.json")
        let html = folder.appending(path: "\(number).ours.html")
        let page = try Sample.adapter.page(document)
        try Data(document.bytes).write(to: original)
        try Data(page.rendered(as: .json)).write(to: json)
        try Data(page.rendered(as: .html)).write(to: html)
        return Entry(
            project: fixture.project, base: document.url.description, original: original.path(),
            json: json.path(), html: html.path())
    }

    /// A folder for one test, removed behind it.
    static func withFolder<Result>(_ work: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "larder-pypi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try work(folder)
    }
}
