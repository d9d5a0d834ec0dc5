import Digests
import Ecosystems
import Foundation
import Support

/// A package index on loopback, with projects whose pages and files have the sizes that are asked for.
final class SamplePackages {
    struct Project {
        let name: String
        /// Of its wheels, in bytes.
        let files: [Int]
        /// At least, and filled up with entries of a recorded page.
        let pageByteCount: Int

        func file(_ number: Int) -> String { "\(name)-\(number).0-py3-none-any.whl" }
    }

    let origin: OriginStub
    let projects: [Project]

    init(_ projects: [Project], link: SharedLine? = nil) throws {
        self.projects = projects
        origin = try OriginStub()
        origin.line = link
        let filler = try Self.recordedEntries()
        // devpi answers for what the list has.
        let list = """
            {"meta":{"api-version":"1.1"},"projects":[\
            \(projects.map { #"{"name":"\#($0.name)"}"# }.joined(separator: ","))]}
            """
        origin.route(
            "/simple/",
            .entity(
                .bytes(Array(list.utf8)), tag: "\"\(BlobDigest.of(Array(list.utf8)).hex)\"",
                type: SampleIndex.jsonType))
        for project in projects {
            var entries: [String] = []
            for (number, byteCount) in project.files.enumerated() {
                entries.append(try addFile(project, number, byteCount))
            }
            var count = entries.reduce(0) { $0 + $1.utf8.count }
            var index = 0
            while count < project.pageByteCount {
                let entry = filler[index % filler.count]
                    .replacing("https://files.example", with: origin.base)
                    .replacing("numpy-", with: "\(project.name)-\(index / filler.count)")
                entries.append(entry)
                count += entry.utf8.count
                index += 1
            }
            let page = """
                {"meta":{"api-version":"1.1"},"name":"\(project.name)","files":[\
                \(entries.joined(separator: ","))],"versions":[]}
                """
            origin.route(
                "/simple/\(project.name)/",
                .entity(
                    .bytes(Array(page.utf8)), tag: "\"\(BlobDigest.of(Array(page.utf8)).hex)\"",
                    type: SampleIndex.jsonType))
        }
    }

    /// Two bytes that every wheel begins with, its own number, and what does not compress.
    private func addFile(_ project: Project, _ number: Int, _ byteCount: Int) throws -> String {
        var body: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
        body.reserveCapacity(byteCount)
        body += "\(project.name) \(number) ".utf8
        while body.count < byteCount {
            body += Self.noise.prefix(byteCount - body.count)
        }
        let hex = BlobDigest.of(body).hex
        let path =
            "/packages/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/"
            + "\(hex.dropFirst(4).prefix(60))/\(project.file(number))"
        origin.route(
            path, .entity(.bytes(body), tag: "\"\(hex)\"", type: "application/octet-stream"))
        return """
            {"filename":"\(project.file(number))","hashes":{"sha256":"\(hex)"},"requires-python":\
            ">=3.8","size":\(byteCount),"upload-time":"2024-05-01T12:00:00.000000Z",\
            "url":"\(origin.base)\(path)","yanked":false}
            """
    }

    private static let noise = Pattern(byteCount: 65_521, seed: 7).bytes

    /// The entries of a recorded page, each as JSON.
    private static func recordedEntries() throws -> [String] {
        struct Page: Decodable {
            let files: [Entry]
        }
        struct Entry: Codable {
            let filename: String
            let hashes: [String: String]
            let size: Int?
            let url: String
        }
        let page = try JSONDecoder().decode(
            Page.self, from: Data(try SampleIndex.jsonPage().bytes))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return try page.files.filter { $0.filename.hasSuffix(".whl") }
            .map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    }
}
