/// A text that poses as an index of Helm's and would cost its reader too much.
package struct IndexBomb: Sendable, CustomStringConvertible {
    package let description: String
    /// What the refusal says.
    package let sentence: String
    /// Whether its Content-Length passes what any document may have.
    package var isAnnouncedAsTooLong: Bool { description == "200 MB" }
    /// Makes the text anew, so that a table of them holds no memory.
    package let text: @Sendable () -> [UInt8]

    private init(
        _ description: String, _ sentence: String, _ text: @escaping @Sendable () -> [UInt8]
    ) {
        self.description = description
        self.sentence = sentence
        self.text = text
    }

    private init(_ description: String, _ sentence: String, _ text: String) {
        self.init(description, sentence) { Array(("apiVersion: v1\n" + text).utf8) }
    }

    /// As large as YAML may be.
    private static let most = 32 << 20

    /// `start`, then `unit` again and again up to `byteCount`, then a second document.
    private init(
        _ description: String, _ sentence: String, _ start: String = "x:\n", of unit: String,
        byteCount: Int = most - 64
    ) {
        self.init(description, sentence) {
            Self.filled("apiVersion: v1\n" + start, unit, byteCount) + Array("\n---\n".utf8)
        }
    }

    private static func filled(_ start: String, _ unit: String, _ byteCount: Int) -> [UInt8] {
        var bytes = Array(start.utf8)
        let unit = Array(unit.utf8)
        bytes.reserveCapacity(byteCount + 64)
        let piece = Array(repeatElement(unit, count: 65_536 / unit.count).joined())
        while bytes.count + piece.count <= byteCount { bytes += piece }
        return bytes
    }

    /// `start`, then what `unit` makes of 0 to `count` - 1, then a second document.
    private init(
        _ description: String, _ sentence: String, _ start: String, _ count: Int,
        _ unit: @escaping @Sendable (Int) -> String
    ) {
        self.init(description, sentence) {
            var bytes = Array(("apiVersion: v1\n" + start).utf8)
            for number in 0..<count { bytes += unit(number).utf8 }
            return bytes + Array("---\n".utf8)
        }
    }

    /// The bombs that everybody knows.
    package static let known = [
        IndexBomb("an alias as a value", "an anchor", "a: &x [1]\nb: *x\n"),
        IndexBomb("an alias as a key", "an alias", "*x : 1\n"),
        IndexBomb("a recursive anchor", "an anchor", "a: &x [*x]\n"),
        IndexBomb(
            "billions of laughs", "an anchor",
            "a: &a [l, l]\n" + (0..<30).map { "b\($0): &b\($0) [*a, *a]\n" }.joined()),
        IndexBomb(
            "10,000 levels", "nested deeper than",
            "a: " + String(repeating: "[", count: 10_000)),
        IndexBomb(
            "10,000 levels of mappings", "nested deeper than",
            "a: " + String(repeating: "{a: ", count: 10_000)),
        IndexBomb(
            "10,000 levels in block style", "nested deeper than",
            "a:\n" + String(repeating: "- ", count: 10_000)),
        IndexBomb("a custom tag", "a tag", "a: !!python/object:os.system v1\n"),
        IndexBomb("a second document", "a second document", "entries: {}\n---\na: b\n"),
        IndexBomb("200 MB", "longer than") { Array(repeating: 0x23, count: 200_000_000) },
        IndexBomb("48 MB of elements", "longer than", "x: [", of: "1,", byteCount: 48_000_000),
    ]

    /// The most expensive texts that stay below one limit until another one holds.
    package static let expensive = [
        IndexBomb("elements in brackets", "elements", "x: [", of: "1,"),
        IndexBomb("pairs in brackets", "elements", "x: [", of: "a: 1,"),
        IndexBomb("duplicate keys", "elements", "x: {", of: "a: 1,"),
        IndexBomb("tagged elements", "elements", "x: [", of: "!!str a,"),
        IndexBomb("quoted elements", "elements", "x: [", of: "\"a\","),
        IndexBomb("folded blocks", "elements", of: "- >\n a\n b\n"),
        IndexBomb("explicit keys", "elements", of: "- ? a\n  : b\n"),
        IndexBomb(
            "the layout of a real index", "elements", "entries:\n  a:\n",
            of: "  - apiVersion: v1\n    keywords:\n"
                + String(repeating: "    - sample word\n", count: 60)
                + "    name: sample\n    version: 1.0.0\n"),
        IndexBomb("short lines in long blocks", "a second document", "x:\n", 60) { _ in
            "- |\n" + String(repeating: " a\n", count: 180_000)
        },
        IndexBomb("escapes", "a second document", "x:\n", 60) { _ in
            "- \"" + String(repeating: "\\x01", count: 130_000) + "\"\n"
        },
        IndexBomb("long comments", "a second document", "x:\n", 60) { _ in
            "- a\n" + String(repeating: "#\n", count: 250_000)
        },
        IndexBomb("a million keys", "more than 50000 keys", "annotations:\n", 1_000_000) {
            "  \($0): a\n"
        },
        IndexBomb("charts without versions", "more than 50000 keys", "entries:\n", 1_000_000) {
            "  \($0): []\n"
        },
        IndexBomb("many versions", "more than 26000 entries", "entries:\n  a:\n", 600_000) {
            "  - {version: 1.0.\($0), urls: [a-\($0).tgz]}\n"
        },
        IndexBomb(
            "as many versions as may be", "a second document", "entries:\n  a:\n", 25_999
        ) { number in
            "  - {version: 1.0.\(number), urls: [a-\(number).tgz], description: "
                + String(repeating: "x", count: 1_000) + "}\n"
        },
        IndexBomb("a million URLs", "a second document", "entries:\n  a:\n  - urls:\n", 1_000_000) {
            "    - \($0)\n"
        },
        IndexBomb("URLs that take long", "URLs that lead elsewhere", "entries:\n  a:\n", 25_999) {
            let url = "https://a.example/\($0)" + String(repeating: "/%63", count: 52) + "/../a.tgz"
            return "  - {version: 1.0.0, urls: [\"\(url)\"]}\n"
        },
    ]
}
