import Compression
import Support
import Testing

@Suite struct ZipTests {
    static let text = Array(String(repeating: "Metadata-Version: 2.1\n", count: 50).utf8)
    static let limits = ExpansionLimits(outputByteCount: 1 << 20)

    static let members: [ZipBuilder.Member] = [
        .init("a/b.py", Array("pass".utf8), isDeflated: false), .init("wanted", text),
        .init("wanted.not", []),
    ]

    /// Reads as a caller does, step by step; nil when there is no such member.
    private func read(
        _ archive: [UInt8], _ name: String = "wanted", limits: ExpansionLimits = limits
    ) throws(CompressionError) -> [UInt8]? {
        let tail = Array(archive.suffix(ZipArchive.tailByteCount))
        let place = try ZipArchive.directory(tail: tail, byteCount: archive.count)
        let member = try ZipArchive.member(
            inDirectory: Array(archive[place]), byteCount: archive.count
        ) { $0.elementsEqual(name.utf8) }
        guard let member else { return nil }
        let end = member.headerOffset + ZipArchive.localHeaderByteCount
        let range = try member.content(behind: Array(archive[member.headerOffset..<end]))
        return try member.expanded(Array(archive[range]), limits: limits)
    }

    @Test("a member is found and expanded, deflated or stored, behind a comment, in Zip64")
    func good() throws {
        for comment in [[], Array("PK\u{5}\u{6} x".utf8), [UInt8](repeating: 0x50, count: 65_535)] {
            for isZip64 in [false, true] {
                var builder = ZipBuilder(Self.members)
                builder.comment = comment
                builder.isZip64 = isZip64
                let archive = try builder.bytes()
                #expect(try read(archive) == Self.text)
                #expect(try read(archive, "a/b.py") == Array("pass".utf8))
                #expect(try read(archive, "wanted.not") == [])
                #expect(try read(archive, "other") == nil)
            }
        }
        #expect(try read(ZipBuilder([]).bytes()) == nil)
    }

    @Test("two members of one name are refused")
    func twins() throws {
        let twins = try ZipBuilder(Self.members + [.init("wanted", [1])]).bytes()
        #expect(throws: CompressionError.corrupt) { try read(twins) }
        #expect(try read(twins, "a/b.py") == Array("pass".utf8))
    }

    @Test("limits hold whatever the archive says of itself")
    func limits() throws {
        let archive = try ZipBuilder([.init("wanted", [UInt8](repeating: 0, count: 9_000))]).bytes()
        #expect(throws: CompressionError.tooLarge) {
            try read(archive, limits: ExpansionLimits(outputByteCount: 8_999))
        }
        #expect(throws: CompressionError.tooDense) {
            try read(
                archive,
                limits: ExpansionLimits(outputByteCount: 9_000, ratio: 2, judgedFromByteCount: 1))
        }
    }

    @Test("no damaged archive is read otherwise than it was, or crashes: each byte, each length")
    func damage() throws {
        let archive = try ZipBuilder(Self.members).bytes()
        for index in archive.indices {
            for change in [UInt8(1), 0x80, 0xFF] {
                var damaged = archive
                damaged[index] ^= change
                let found = try? read(damaged)
                #expect(found == nil || found == Self.text)
            }
            #expect((try? read(Array(archive[..<index]))) == nil)
        }
    }

    @Test("an encrypted member, another method, a member on another disk are refused")
    func refused() throws {
        let archive = try ZipBuilder([.init("wanted", Self.text)]).bytes()
        let tail = Array(archive.suffix(ZipArchive.tailByteCount))
        let directory = try ZipArchive.directory(tail: tail, byteCount: archive.count).lowerBound
        for (offset, value) in [
            (directory + 8, UInt8(1)), (directory + 10, 12), (archive.count - 18, 1),
        ] {
            var bad = archive
            bad[offset] = value
            #expect(throws: CompressionError.corrupt) { try read(bad) }
        }
    }
}
