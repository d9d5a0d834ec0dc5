import Ecosystems
import Testing

/// A packument as large as one likes, made of a recorded one's versions: the same bytes each time.
///
/// It is never whole in memory, so that a test can see what its readers need.
struct InflatedPackument: Sendable {
    static let package = "rollup"
    static let pieceByteCount = 65_536

    /// A recorded version, cut where the number of its tarball belongs.
    private struct Version: Sendable {
        let head: [UInt8]
        let tail: [UInt8]
    }

    private let versions: [Version]
    let versionCount: Int

    init(byteCount: Int) throws {
        let bytes = try Fixture.named("rollup.full").bytes()
        var versions: [Version] = []
        for range in try Self.versions(in: bytes) {
            let text = String(decoding: bytes[range], as: UTF8.self)
            let name = try #require(text.firstRange(of: "/-/rollup-"))
            let end = try #require(text[name.upperBound...].firstRange(of: ".tgz\""))
            versions.append(
                Version(
                    head: Array(text[..<name.upperBound].utf8),
                    tail: Array(text[end.lowerBound...].utf8)))
        }
        self.versions = versions
        let size = versions.reduce(0) { $0 + $1.head.count + $1.tail.count + 60 }
        versionCount = byteCount / (size / versions.count)
    }

    private static func versions(in bytes: [UInt8]) throws -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var reader = JSONReader(bytes)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("versions", in: bytes) else {
                _ = try reader.value()
                continue
            }
            try reader.enterObject()
            while try reader.nextKey() != nil { ranges.append(try reader.value()) }
        }
        return ranges
    }

    /// The document in pieces, each of a little more than ``pieceByteCount``.
    struct Pieces: Sequence, IteratorProtocol {
        fileprivate let document: InflatedPackument
        private var step = 0

        fileprivate init(_ document: InflatedPackument) { self.document = document }

        mutating func next() -> [UInt8]? {
            var piece: [UInt8] = []
            while piece.count < InflatedPackument.pieceByteCount, let part = document.part(step) {
                piece += part
                step += 1
            }
            return piece.isEmpty ? nil : piece
        }
    }

    var pieces: Pieces { Pieces(self) }

    /// The beginning, each version, what stands between, each time, the end.
    private func part(_ step: Int) -> [UInt8]? {
        switch step {
        case 0:
            return Array(#"{"name":"rollup","dist-tags":{"latest":"1.0.7"},"versions":{"#.utf8)
        case 1...versionCount:
            let number = step - 1
            let version = versions[number % versions.count]
            let key = Array("\(number == 0 ? "" : ",")\n\"1.0.\(number)\": ".utf8)
            return key + version.head + Array("1.0.\(number)".utf8) + version.tail
        case versionCount + 1:
            return Array(#"},"time":{"modified":"2026-10-10T12:34:56.789Z""#.utf8)
        case (versionCount + 2)...(2 * versionCount + 1):
            let number = step - versionCount - 2
            return Array(#","1.0.\#(number)":"2026-10-10T12:34:56.789Z""#.utf8)
        case 2 * versionCount + 2: return Array("},\"readme\":\"# rollup\\n\"}\n".utf8)
        default: return nil
        }
    }
}
