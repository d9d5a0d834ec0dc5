import Compression
import Digests
import Ecosystems
import Foundation
import HTTPModel
import PyPI

/// The pages that are measured: recorded ones, made as large as a case needs.
enum SampleIndex {
    /// An index that nobody has.
    static func adapter() throws -> PyPIAdapter {
        guard let simple = AbsoluteURL("https://index.example/simple/"),
            let files = AbsoluteURL("https://files.example/packages/"),
            let upstream = PyPIUpstream(simple: simple, files: files)
        else { throw BenchmarkFault(description: "the sample index has no URL") }
        return PyPIAdapter(mount: ["pypi"], upstream: upstream)
    }

    static let jsonType = "application/vnd.pypi.simple.v1+json"
    static let htmlType = "text/html; charset=utf-8"

    /// The recorded JSON page of numpy: 2,210 files in 1.05 MB.
    static func jsonPage() throws -> UpstreamDocument {
        try page(try recorded("numpy_simple.json.gz"), type: jsonType)
    }

    /// The recorded HTML page of numpy, some of its links twice so that it has a megabyte as well.
    static func htmlPage() throws -> UpstreamDocument {
        let text = String(decoding: try recorded("numpy_simple.html.gz"), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let links = lines.filter { $0.contains("<a href=") }
        var missing = 1_050_000 - text.utf8.count
        let more = links.prefix { link in
            defer { missing -= link.utf8.count + 1 }
            return missing > 0
        }
        guard let first = lines.firstIndex(where: { $0.contains("<a href=") }) else {
            throw BenchmarkFault(description: "the recorded page has no links")
        }
        let all = lines[..<first] + more + lines[first...]
        return try page(Array(all.joined(separator: "\n").utf8), type: htmlType)
    }

    /// A JSON list of so many projects, shaped as the public index writes it.
    static func projectList(_ count: Int) throws -> UpstreamDocument {
        var bytes = Array("{\"meta\":{\"_last-serial\":30000000,\"api-version\":\"1.4\"},".utf8)
        bytes.reserveCapacity(count * 52)
        bytes += "\"projects\":[".utf8
        for number in 0..<count {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += "{\"_last-serial\":\(10_000_000 + number),\"name\":\"".utf8
            bytes += "Sample_Project.\(number)\"}".utf8
        }
        bytes += "]}".utf8
        guard let url = AbsoluteURL("https://index.example/simple/") else {
            throw BenchmarkFault(description: "the sample index has no URL")
        }
        return UpstreamDocument(name: "simple/", contentType: jsonType, url: url, bytes: bytes)
    }

    private static func page(_ bytes: [UInt8], type: String) throws -> UpstreamDocument {
        guard let url = AbsoluteURL("https://index.example/simple/numpy/") else {
            throw BenchmarkFault(description: "the sample index has no URL")
        }
        return UpstreamDocument(name: "simple/numpy/", contentType: type, url: url, bytes: bytes)
    }

    private static func recorded(_ name: String) throws -> [UInt8] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ecosystems/pypi/Fixtures/micropip/\(name)")
        return try gunzip(
            [UInt8](try Data(contentsOf: file)), limits: ExpansionLimits(outputByteCount: 16 << 20))
    }
}
