import Digests
import Ecosystems
import Foundation
import HTTPModel
import NPM
import Resources
import Testing

/// npm 2.14 point 5: documents of the largest size, in little memory.
///
/// Memory is the process's, so these tests run alone (`scripts/test`), one after the other.
@Suite("npm 2.14 point 5, large documents", .serialized) struct LargeDocumentTests {
    /// The most that reading or rewriting may need beside what the process had.
    static let allowance = 32 << 20

    static let sizes = [10_000_000, 45_000_000, 100_000_000]

    @Test("with the upstream's base a large document stays as it is", arguments: sizes)
    func identity(_ size: Int) throws {
        let document = try InflatedPackument(byteCount: size)
        let registry = Sample.url(NPMDefaults.registry)
        let adapter = Sample.adapter(mount: [], registry: registry)
        var rewriter = adapter.rewriter(
            of: Sample.head(InflatedPackument.package, registry),
            as: Variant(PackumentVariant.full.name, base: PublicBase(registry)))
        var before = try MultiHasher()
        var after = try MultiHasher()
        var memory = try Memory()
        var count = 0
        for piece in document.pieces {
            count += piece.count
            var output: [UInt8] = []
            try rewriter.take(piece, into: &output)
            before.update(piece)
            after.update(output)
            try memory.look()
        }
        var rest: [UInt8] = []
        let head = try rewriter.finish(into: &rest)
        after.update(rest)
        let (original, rewritten) = (before.finish().blob, after.finish().blob)
        #expect(rewritten == original)
        #expect(head.lastModified == 1_791_635_697)
        #expect(count > size * 9 / 10)
        print("identity of \(count) bytes: \(memory.peak >> 10) KiB")
        #expect(memory.peak < Self.allowance)
    }

    @Test("each version of a large document has its fact", arguments: sizes)
    func facts(_ size: Int) throws {
        let document = try InflatedPackument(byteCount: size)
        var intake = Sample.adapter.intake(of: Sample.head(InflatedPackument.package))
        var memory = try Memory()
        for piece in document.pieces {
            try intake.take(piece)
            try memory.look()
        }
        let facts = try intake.finish()
        try memory.look()
        #expect(facts.count == document.versionCount)
        #expect(facts.allSatisfy { $0.publishedAt == 1_791_635_696 })
        print("\(facts.count) facts: \(memory.peak >> 10) KiB")
        #expect(memory.peak < Self.allowance)
    }

    @Test("both forms of a large document, judged by Python's reader", arguments: sizes.prefix(2))
    func judged(_ size: Int) throws {
        let folder = try Judge.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let document = try InflatedPackument(byteCount: size)
        var original: [UInt8] = []
        for piece in document.pieces { original += piece }
        let forms = try [PackumentVariant.full, .abbreviated].map { form in
            try Sample.adapter.rendering(original, of: InflatedPackument.package, as: form).text
        }
        let entry = try Judge.Entry(
            InflatedPackument.package, in: folder, number: 0, original: original, full: forms[0],
            abbreviated: forms[1])
        let (status, output) = try Judge.run([entry], in: folder)
        #expect(status == 0, "\(output)")
        #expect(
            output.contains("judged 1 documents, \(2 * document.versionCount) URLs"), "\(output)")
    }

    @Test("the other forms of a large document need little memory too", arguments: sizes.suffix(1))
    func forms(_ size: Int) throws {
        let document = try InflatedPackument(byteCount: size)
        for form in [PackumentVariant.abbreviated, .manifest("latest"), .distTags] {
            var rewriter = Sample.adapter.rewriter(
                of: Sample.head(InflatedPackument.package),
                as: Variant(form.name, base: Sample.base))
            var memory = try Memory()
            var count = 0
            for piece in document.pieces {
                var output: [UInt8] = []
                try rewriter.take(piece, into: &output)
                count += output.count
                try memory.look()
            }
            var rest: [UInt8] = []
            _ = try rewriter.finish(into: &rest)
            print("\(form.name): \(count + rest.count) bytes, \(memory.peak >> 10) KiB")
            #expect(count + rest.count > (form == .abbreviated ? size / 10 : 10))
            #expect(memory.peak < Self.allowance)
        }
    }

    /// How much more of the process is in memory than at the beginning.
    struct Memory {
        private let start: Int
        private(set) var peak = 0
        private var looks = 0

        init() throws { start = try Self.resident() }

        /// Looks now and then: it costs a system call.
        mutating func look() throws {
            looks += 1
            if looks % 16 == 0 { peak = max(peak, try Self.resident() - start) }
        }

        private static func resident() throws -> Int {
            let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            let kibibytes = try #require(
                line.split(whereSeparator: \.isWhitespace).dropFirst().first)
            return (Int(kibibytes) ?? 0) << 10
        }
    }
}
