import CacheRules
import Testing

/// What goes first, by kind and last use.
struct EvictionOrderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// For how many seconds the oldest of each kind was not used.
        let idle: [EvictionOrder.Kind: Int64]
        let next: EvictionOrder.Kind?
    }

    private static let day: Int64 = 86_400

    static let rows = [
        Row(testDescription: "nothing is left", idle: [:], next: nil),
        Row(
            testDescription: "a rendering that nobody used for a day goes before older files",
            idle: [.rendering: day, .artifact: 30 * day, .document: 200 * day], next: .rendering),
        Row(
            testDescription: "a rendering in use stays while there are files",
            idle: [.rendering: day - 1, .artifact: 1, .document: 1], next: .artifact),
        Row(
            testDescription: "a file goes before an older document",
            idle: [.artifact: 1, .document: 89 * day], next: .artifact),
        Row(
            testDescription: "a document of long ago is worth no more than a file",
            idle: [.artifact: 89 * day, .document: 90 * day], next: .document),
        Row(
            testDescription: "but an older file goes first",
            idle: [.artifact: 91 * day, .document: 90 * day], next: .artifact),
        Row(
            testDescription: "of the same age, too",
            idle: [.artifact: 90 * day, .document: 90 * day], next: .artifact),
        Row(
            testDescription: "without files, renderings before documents",
            idle: [.rendering: 1, .document: 80 * day], next: .rendering),
        Row(testDescription: "documents in the end", idle: [.document: 0], next: .document),
        Row(
            testDescription: "a document of long ago without files and renderings",
            idle: [.document: 100 * day], next: .document),
    ]

    @Test("what goes next", arguments: rows)
    func next(_ row: Row) {
        let now: Int64 = 1_000_000_000
        #expect(EvictionOrder.next(row.idle.mapValues { now - $0 }, at: now) == row.next)
    }
}
