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

    @Test(
        "no damaged archive is read otherwise than it was, or crashes: each byte, each length",
        arguments: [false, true])
    func damage(isZip64: Bool) throws {
        var builder = ZipBuilder(Self.members)
        builder.isZip64 = isZip64
        let archive = try builder.bytes()
        for index in archive.indices {
            try expectNoOther(archive, at: index)
            #expect((try? read(Array(archive[..<index]))) == nil)
        }
    }

    @Test("a damaged end of a Zip64 archive that is longer than its tail")
    func damageOfLong() throws {
        let archive = try Self.long()
        #expect(try read(archive) == Self.text)
        for index in archive.indices.suffix(98) { try expectNoOther(archive, at: index) }
    }

    /// Expects that the archive with this byte changed is refused or read as if it were whole.
    private func expectNoOther(_ archive: [UInt8], at index: Int) throws {
        for change in [UInt8(1), 0x80, 0xFF] {
            var damaged = archive
            damaged[index] ^= change
            let found = try? read(damaged)
            #expect(found == nil || found == Self.text)
        }
    }

    /// A Zip64 archive whose tail is not all of it.
    private static func long() throws -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: ZipArchive.tailByteCount)
        var builder = ZipBuilder([.init("padding", padding, isDeflated: false)] + members)
        builder.isZip64 = true
        return try builder.bytes()
    }

    struct Number: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Where it stands, counted from the end of an archive without a comment.
        let distance: Int
        let bytes: [UInt8]
    }

    static let numbers: [Number] = [
        ("the record's offset", 34), ("the directory's length", 58), ("the directory's offset", 50),
    ].flatMap { name, distance in
        [(0, 0x80), (0xFF, 0x7F), (0xFF, 0xFF)].map { low, high in
            Number(
                testDescription: "\(name), \(low), \(high)", distance: distance,
                bytes: [UInt8](repeating: low, count: 7) + [high])
        }
    }

    @Test("a number of 64 bits that fits nowhere is a fault", arguments: numbers)
    func farNumber(_ row: Number) throws {
        for archive in try [Self.long(), Array(Self.long().suffix(98))] {
            var bad = archive
            let place = bad.count - row.distance
            bad.replaceSubrange(place..<place + 8, with: row.bytes)
            #expect(throws: CompressionError.corrupt) { try read(bad) }
        }
    }

    @Test("a Zip64 locator without room for its record is a fault")
    func locatorAlone() throws {
        for count in [42, 43, 97] {
            let bad = try Array(Self.long().suffix(count))
            #expect(throws: CompressionError.corrupt) { try read(bad) }
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
