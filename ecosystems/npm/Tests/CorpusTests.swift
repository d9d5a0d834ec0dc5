import Ecosystems
import Foundation
import HTTPModel
import NPM
import Support
import Testing

/// The recorded documents, judged by Python's reader (`judge.py`).
@Suite struct CorpusTests {
    @Test("npm 2.14 point 4: served documents are the upstream's, but for the tarballs' URLs")
    func judged() throws {
        let folder = try Judge.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var entries: [Judge.Entry] = []
        for fixture in Fixture.packuments {
            let bytes = try fixture.bytes()
            let full = try Sample.adapter.rendering(bytes, of: fixture.package, as: .full)
            let short = try Sample.adapter.rendering(bytes, of: fixture.package, as: .abbreviated)
            let recorded = fixture.file.replacing(".full.", with: ".abbreviated.")
            let isTwin = ["rollup", "is-positive"].contains(fixture.package)
            entries.append(
                try Judge.Entry(
                    fixture.package, in: folder, number: entries.count, original: bytes,
                    full: full.text, abbreviated: short.text,
                    recorded: isTwin ? Fixture(file: recorded, package: "").bytes() : nil))
        }
        let (status, output) = try Judge.run(entries, in: folder)
        #expect(status == 0, "\(output)")
        #expect(output.contains("judged \(Fixture.packuments.count) documents"), "\(output)")
    }
}

/// Runs `judge.py` on documents in a folder of their own.
enum Judge {
    struct Entry: Encodable {
        let package: String
        let original: String
        let full: String
        let abbreviated: String
        var recorded: String?

        init(
            _ package: String, in folder: URL, number: Int, original: [UInt8], full: [UInt8],
            abbreviated: [UInt8], recorded: [UInt8]? = nil
        ) throws {
            func file(_ bytes: [UInt8], _ name: String) throws -> String {
                let url = folder.appending(path: "\(number).\(name).json")
                try Data(bytes).write(to: url)
                return url.path()
            }
            self.package = package
            self.original = try file(original, "original")
            self.full = try file(full, "full")
            self.abbreviated = try file(abbreviated, "abbreviated")
            self.recorded = try recorded.map { try file($0, "recorded") }
        }
    }

    private struct Manifest: Encodable {
        let base: String
        let registry: String
        let documents: [Entry]
    }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "larder-npm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func run(_ entries: [Entry], in folder: URL) throws -> (status: Int32, output: String) {
        let manifest = folder.appending(path: "manifest.json")
        let content = Manifest(
            base: "\(Sample.base.text)/npm/", registry: Sample.url(NPMDefaults.registry).host,
            documents: entries)
        try JSONEncoder().encode(content).write(to: manifest)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "judge.py")
        return try Program.run(["python3", "-I", script.path(), manifest.path()])
    }
}
