import Digests
import Testing

@Suite struct DigestsTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let algorithm: DigestAlgorithm
        let hex: String
        var testDescription: String { algorithm.rawValue }
    }

    // Of "abc": RFC 1321, FIPS 180-4, RFC 7693.
    static let vectors: [Vector] = [
        Vector(algorithm: .md5, hex: "900150983cd24fb0d6963f7d28e17f72"),
        Vector(algorithm: .sha1, hex: "a9993e364706816aba3e25717850c26c9cd0d89d"),
        Vector(
            algorithm: .sha224,
            hex: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
        Vector(
            algorithm: .sha256,
            hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            algorithm: .sha384,
            hex: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                + "8086072ba1e7cc2358baeca134c825a7"),
        Vector(
            algorithm: .sha512,
            hex: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
        Vector(
            algorithm: .blake2b,
            hex: "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"),
    ]

    @Test("every algorithm has a vector")
    func everyAlgorithmIsTested() {
        #expect(Self.vectors.map(\.algorithm) == DigestAlgorithm.allCases)
    }

    @Test("published vectors, whole and byte by byte", arguments: vectors)
    func knownVector(_ vector: Vector) throws {
        let content = Array("abc".utf8)
        let whole = try Digest.of(content.span, vector.algorithm)
        #expect(whole.hex == vector.hex)

        var hasher = try Hasher(vector.algorithm)
        for byte in content { hasher.update([byte]) }
        hasher.update([])
        let digest = hasher.finish()
        #expect(digest.hex == vector.hex)
        #expect(digest.bytes.count == vector.algorithm.byteCount)
        #expect(digest == Digest(algorithm: vector.algorithm, hex: vector.hex.uppercased()))
    }

    @Test("a million letters (FIPS 180-4, long message)")
    func longMessage() throws {
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        var hasher = try MultiHasher(also: [.sha256, .md5, .md5])
        for _ in 0..<1000 { hasher.update(piece) }
        let content = hasher.finish()
        #expect(
            content.blob.hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(content.byteCount == 1_000_000)
        #expect(content.digests.map(\.algorithm) == [.sha256, .md5])
        #expect(content.digests[1].hex == "7707d6ae4e027c70eea2a935c2296f21")
    }

    @Test("a promise is kept, broken, or of an algorithm that was not computed")
    func promises() throws {
        var hasher = try MultiHasher(also: [.sha1])
        hasher.update(Array("abc".utf8))
        let content = hasher.finish()
        let right = try #require(
            Digest(algorithm: .sha1, hex: "a9993e364706816aba3e25717850c26c9cd0d89d"))
        let wrong = try #require(Digest(algorithm: .sha1, bytes: .init(repeating: 0, count: 20)))
        let other = try #require(Digest(algorithm: .md5, bytes: .init(repeating: 0, count: 16)))
        #expect(content.fulfils(right) == true)
        #expect(content.fulfils(wrong) == false)
        #expect(content.fulfils(other) == nil)
        #expect(content.fulfils(Digest(content.blob)) == true)
    }

    struct BadText: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    private static let good = String(repeating: "0a", count: 32)
    static let badTexts: [BadText] = [
        BadText(testDescription: "empty", text: ""),
        BadText(testDescription: "one digit short", text: String(good.dropLast())),
        BadText(testDescription: "one digit long", text: good + "0"),
        BadText(testDescription: "a letter past f", text: good.dropLast() + "g"),
        BadText(testDescription: "prefix 0x", text: "0x" + good.dropLast(2)),
        BadText(testDescription: "space", text: " " + good.dropLast()),
        BadText(testDescription: "full-width digit", text: good.dropLast(3) + "\u{FF10}"),
        BadText(testDescription: "a sign", text: "+" + good.dropLast()),
    ]

    @Test("only ASCII digits of the right length are a digest", arguments: badTexts)
    func refusesText(_ row: BadText) {
        #expect(BlobDigest(hex: row.text) == nil)
        #expect(Digest(algorithm: .sha256, hex: row.text) == nil)
    }

    @Test("a blob's name keeps every byte in its place")
    func blobDigestBytes() throws {
        let bytes = (0..<32).map { UInt8($0 * 7 + 3) }
        let digest = try #require(BlobDigest(bytes: bytes))
        #expect(digest.bytes == bytes)
        #expect(digest.hex == Digest(algorithm: .sha256, bytes: bytes)?.hex)
        #expect(BlobDigest(hex: digest.hex.uppercased()) == digest)
        #expect(BlobDigest(bytes: Array(bytes.dropLast())) == nil)
        #expect(BlobDigest(Digest(digest)) == digest)
        for index in 0..<32 {
            var other = bytes
            other[index] ^= 1
            #expect(BlobDigest(bytes: other) != digest)
        }
    }

    @Test("the SHA-256 of nothing")
    func emptyContent() throws {
        let name = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(BlobDigest.of([]).hex == name)
        #expect(try MultiHasher().finish().blob.hex == name)
        var sha512 = try Hasher(.sha512)
        sha512.update([])
        #expect(BlobDigest(sha512.finish()) == nil)
    }
}
