import Compression
import Testing

@Suite struct CompressionTests {
    static let generous = ExpansionLimits(outputByteCount: 64 << 20, ratio: 2000)

    // Python's gzip, with a file name and a time in the header: "hello, larder\n".
    static let foreign: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x08, 0x39, 0x30, 0x00, 0x00, 0x02, 0xFF, 0x6E, 0x61,
        0x6D, 0x65, 0x2E, 0x74, 0x78, 0x74, 0x00, 0xCB, 0x48, 0xCD, 0xC9, 0xC9,
        0xD7, 0x51, 0xC8, 0x49, 0x2C, 0x4A, 0x49, 0x2D, 0xE2, 0x02, 0x00, 0xCB,
        0x3A, 0x02, 0xBC, 0x0E, 0x00, 0x00, 0x00,
    ]
    // "hello" in the zlib format (RFC 1950), which is not gzip.
    static let zlibFormat: [UInt8] = [
        0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x06, 0x2C, 0x02,
        0x15,
    ]

    struct Content: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
    }

    static let contents: [Content] = [
        Content(testDescription: "empty", bytes: []),
        Content(testDescription: "one byte", bytes: [0]),
        Content(testDescription: "text", bytes: Array("simple repository API".utf8)),
        Content(testDescription: "exactly one block", bytes: noise(65_536)),
        Content(testDescription: "noise", bytes: noise(300_001)),
        Content(testDescription: "zeros", bytes: .init(repeating: 0, count: 3 << 20)),
    ]

    /// Bytes that do not compress, the same in every run (xorshift).
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    @Test("what was compressed expands to itself, at every level", arguments: contents)
    func roundTrip(_ content: Content) throws {
        for level in [CompressionLevel.fast, .standard, .small] {
            let compressed = try gzip(content.bytes, level: level)
            #expect(try gunzip(compressed, limits: Self.generous) == content.bytes)
            #expect(try gzip(content.bytes, level: level) == compressed)
        }
    }

    @Test("pieces of any size are one member, which comes while they do", arguments: contents)
    func deflatedInPieces(_ content: Content) throws {
        for size in [997, 65_536, 1 << 20] {
            var deflater = try Deflater()
            var output: [UInt8] = []
            for start in stride(from: 0, to: content.bytes.count, by: size) {
                let before = output.count
                let end = min(start + size, content.bytes.count)
                try deflater.push(Array(content.bytes[start..<end]), into: &output)
                // What zlib keeps back is bounded, and so is what one piece can bring.
                #expect(output.count - before <= size + 262_144)
            }
            let beforeEnd = output.count
            try deflater.finish(into: &output)
            #expect(output.count - beforeEnd <= 262_144)
            #expect(try gunzip(output, limits: Self.generous) == content.bytes)
        }
    }

    @Test("a deflater that is given up leaks nothing and traps nowhere")
    func givenUp() throws {
        for _ in 0..<100 {
            var deflater = try Deflater()
            var output: [UInt8] = []
            try deflater.push(Array("abc".utf8), into: &output)
        }
    }

    @Test("the header has no time, no name and an unknown system (RFC 1952 section 2.3)")
    func header() throws {
        let compressed = try gzip(Array("abc".utf8))
        #expect(compressed.prefix(4) == [0x1F, 0x8B, 8, 0])
        #expect(compressed[4..<8] == [0, 0, 0, 0])
        #expect(compressed[9] == 255)
    }

    @Test("a stream of another writer, in one piece and byte by byte")
    func foreignStream() throws {
        let expected = Array("hello, larder\n".utf8)
        #expect(try gunzip(Self.foreign, limits: Self.generous) == expected)
        var inflater = try Inflater(limits: Self.generous)
        var output: [UInt8] = []
        for byte in Self.foreign { output += try inflater.push([byte]) }
        try inflater.finish()
        #expect(output == expected)
    }

    @Test("pieces of any size give the same bytes", arguments: [1000, 4096, 65_537])
    func pieces(size: Int) throws {
        let content = Self.noise(200_000) + [UInt8](repeating: 7, count: 500_000)
        let compressed = try gzip(content)
        var inflater = try Inflater(limits: Self.generous)
        var output: [UInt8] = []
        for start in stride(from: 0, to: compressed.count, by: size) {
            let piece = compressed[start..<min(start + size, compressed.count)]
            output += try inflater.push(Array(piece))
        }
        try inflater.finish()
        #expect(output == content)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let stream: [UInt8]
        var limits = CompressionTests.generous
        let expected: CompressionError
    }

    static func refusals() throws -> [Refusal] {
        let good = try gzip(Array("abc".utf8))
        var badChecksum = good
        badChecksum[good.count - 5] ^= 1
        var badLength = good
        badLength[good.count - 1] ^= 1
        let zeros = try gzip(.init(repeating: 0, count: 4 << 20))
        return [
            Refusal(testDescription: "nothing", stream: [], expected: .truncated),
            Refusal(
                testDescription: "no trailer", stream: good.dropLast(8), expected: .truncated),
            Refusal(
                testDescription: "one byte short", stream: good.dropLast(), expected: .truncated),
            Refusal(testDescription: "checksum", stream: badChecksum, expected: .corrupt),
            Refusal(testDescription: "length", stream: badLength, expected: .corrupt),
            Refusal(testDescription: "zlib format", stream: zlibFormat, expected: .corrupt),
            Refusal(
                testDescription: "plain text", stream: Array("<html>".utf8), expected: .corrupt),
            Refusal(
                testDescription: "a byte too many", stream: good + [0], expected: .trailingBytes),
            Refusal(testDescription: "two members", stream: good + good, expected: .trailingBytes),
            Refusal(
                testDescription: "longer than allowed", stream: good,
                limits: ExpansionLimits(outputByteCount: 2), expected: .tooLarge),
            Refusal(
                testDescription: "a bomb", stream: zeros,
                limits: ExpansionLimits(outputByteCount: 64 << 20), expected: .tooDense),
        ]
    }

    @Test("streams that must not pass", arguments: try refusals())
    func refuses(_ row: Refusal) {
        #expect(throws: row.expected) { try gunzip(row.stream, limits: row.limits) }
    }

    @Test("the output may be exactly as long as allowed, and short documents may be dense")
    func atTheLimits() throws {
        let content = [UInt8](repeating: 0, count: 1 << 20)
        let limits = ExpansionLimits(outputByteCount: content.count)
        #expect(try gunzip(try gzip(content), limits: limits) == content)
    }

    @Test("a bomb is stopped before its output fills memory")
    func bombIsCutShort() throws {
        let bomb = try gzip([UInt8](repeating: 0, count: 32 << 20))
        var inflater = try Inflater(limits: ExpansionLimits(outputByteCount: 1 << 30))
        var total = 0
        var failure: CompressionError?
        for start in stride(from: 0, to: bomb.count, by: 512) {
            do throws(CompressionError) {
                let piece = bomb[start..<min(start + 512, bomb.count)]
                total += try inflater.push(Array(piece)).count
            } catch {
                failure = error
                break
            }
        }
        #expect(failure == .tooDense)
        #expect(total <= 2 << 20)
    }
}
