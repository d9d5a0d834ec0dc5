import Digests
import HTTPModel
import Resources
import Testing

/// What is promised of a file whose place another document tells.
@Suite struct MovedFactTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var own: [Digest] = []
        var ownCount: Int?
        var more: [Digest] = []
        var moreCount: Int?
        /// Nil where the two contradict each other.
        let promised: [Digest]?
        var count: Int?
    }

    private static func digest(_ algorithm: DigestAlgorithm, _ byte: UInt8) -> Digest {
        guard
            let digest = Digest(
                algorithm: algorithm, bytes: Array(repeating: byte, count: algorithm.byteCount))
        else { preconditionFailure("no \(algorithm)") }
        return digest
    }

    private static let (a, b, other) = (
        digest(.sha256, 1), digest(.sha256, 2), digest(.sha512, 3)
    )

    static let rows: [Row] = [
        .init(testDescription: "nothing", promised: []),
        .init(testDescription: "only the fact", own: [a], ownCount: 5, promised: [a], count: 5),
        .init(
            testDescription: "only the pointer", more: [a], moreCount: 5, promised: [a], count: 5),
        .init(
            testDescription: "the same", own: [a], ownCount: 5, more: [a], moreCount: 5,
            promised: [a], count: 5),
        .init(testDescription: "another digest", own: [a], more: [b], promised: nil),
        .init(testDescription: "another length", ownCount: 5, moreCount: 6, promised: nil),
        .init(testDescription: "one of two", own: [a, b], more: [b], promised: [b]),
        .init(testDescription: "one of two, said later", own: [b], more: [a, b], promised: [b]),
        .init(testDescription: "two algorithms", own: [other], more: [a], promised: [other, a]),
        .init(
            testDescription: "two algorithms, one contradicts", own: [other, a], more: [b],
            promised: nil),
    ]

    @Test("both promises are kept, or none can be", arguments: rows)
    func moved(_ row: Row) throws {
        let place = try #require(AbsoluteURL("https://files.example/b"))
        let fact = FileFact(
            artifact: "a", url: TestAdapter.url("/a"), digests: row.own, byteCount: row.ownCount,
            version: "1", publishedAt: 7)
        let moved = fact.moved(to: place, digests: row.more, byteCount: row.moreCount)
        #expect(moved?.digests == row.promised)
        guard let moved else { return }
        #expect(moved.byteCount == row.count)
        #expect(moved.url == place && moved.artifact == "a" && moved.version == "1")
        #expect(moved.publishedAt == 7)
    }
}
