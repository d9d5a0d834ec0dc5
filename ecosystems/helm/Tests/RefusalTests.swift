import Ecosystems
import Helm
import Support
import Testing

/// What is no index, and what would cost too much: never stored, and the old one stays.
@Suite(.timeLimit(.minutes(10))) struct RefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: [UInt8]
        let sentence: String

        init(_ description: String, _ text: String, _ sentence: String) {
            testDescription = description
            self.text = Array(text.utf8)
            self.sentence = sentence
        }
    }

    static let rows: [Row] = [
        Row("nothing", "", "is empty"), Row("white space", " \n\n", "is empty"),
        Row("an HTML page", "<!DOCTYPE html><html><body>Log in</body></html>", "is a page"),
        Row("a text", "Not found", "not a mapping"), Row("a list", "- a\n", "not a mapping"),
        Row("a list in JSON", "[]", "not a mapping"), Row("a comment", "# a\n", "not a mapping"),
        Row("no apiVersion", "entries: {}\n", "no apiVersion"),
        Row("apiVersion of null", "apiVersion:\nentries: {}\n", "no apiVersion"),
        Row("apiVersion of nothing", "apiVersion: ''\n", "no apiVersion"),
        Row("no apiVersion in JSON", #"{"entries":{}}"#, "no apiVersion"),
        Row("entries that are a list", "apiVersion: v1\nentries: []\n", "no mapping of entries"),
        Row("entries that are a text", "apiVersion: v1\nentries: a\n", "no mapping of entries"),
        Row("a key that is a list", "apiVersion: v1\n? [a]\n: b\n", "a key that is no text"),
        Row("an alias as a value", "apiVersion: v1\na: &x [1]\nb: *x\n", "an anchor"),
        Row("an alias without an anchor", "apiVersion: v1\nb: *x\n", "an alias"),
        Row("an alias as a key", "apiVersion: v1\n*x : 1\n", "an alias"),
        Row("a recursive anchor", "apiVersion: v1\na: &x [*x]\n", "an anchor"),
        Row("a merge key", "apiVersion: v1\na: &x {b: c}\nd: {<<: *x}\n", "an anchor"),
        Row("a tag", "apiVersion: !!python/object:os.system v1\n", "a tag"),
        Row("a second document", "apiVersion: v1\nentries: {}\n---\na: b\n", "second document"),
        Row("a text that is cut off", #"{"apiVersion":"v1","entries":{"#, "not valid YAML"),
        Row("control characters", "apiVersion: v1\na: \u{1}\n", "not valid YAML"),
        Row(
            "10,000 levels", "apiVersion: v1\na: " + String(repeating: "[", count: 10_000),
            "nested deeper than 32"),
        Row(
            "10,000 levels of mappings",
            "apiVersion: v1\na: " + String(repeating: "{a: ", count: 10_000),
            "nested deeper than 32"),
        Row(
            "10,000 levels in JSON",
            #"{"a":"# + String(repeating: "[", count: 10_000)
                + String(repeating: "]", count: 10_000) + "}",
            "nested deeper than 32"),
        Row(
            "a text of three megabytes",
            "apiVersion: v1\na: " + String(repeating: "x", count: 3 << 20),
            "one element is longer than"),
        Row(
            "a comment of three megabytes",
            "apiVersion: v1\n#" + String(repeating: "x", count: 3 << 20),
            "one element is longer than"),
        Row(
            "billions of laughs",
            "apiVersion: v1\na: &a [l, l]\n"
                + (0..<30).map { "b\($0): &b\($0) [*a, *a]\n" }.joined(), "an anchor"),
    ]

    @Test("refused when it arrives, and when it is rendered", arguments: rows)
    func refused(_ row: Row) {
        let arrival = #expect(throws: DocumentFault.self) { try Sample.arrival(row.text) }
        #expect(arrival?.description.contains(row.sentence) == true, "\(arrival as Any)")
        #expect(arrival?.meansAbsence == false)
        let rendering = #expect(throws: DocumentFault.self) { try Sample.served(row.text) }
        #expect(rendering == arrival)
    }

    @Test(
        "M-1: bombs are refused within a second of a core",
        arguments: IndexBomb.known + (Processor.isOptimized ? IndexBomb.expensive : []))
    func bomb(_ bomb: IndexBomb) throws {
        let text = bomb.text()
        var fault: DocumentFault?
        let seconds = Processor.seconds {
            fault = #expect(throws: DocumentFault.self) { try Sample.arrival(text) }
        }
        print("\(bomb): \(text.count) bytes in \(seconds) s")
        #expect(fault?.description.contains(bomb.sentence) == true, "\(fault as Any)")
        #expect(seconds < (Processor.isOptimized ? 1 : 30))
    }

    @Test("200 MB are refused at the limit, without reading them all")
    func tooLong() throws {
        let adapter = Sample.adapter()
        var intake = adapter.intake(of: Sample.head(adapter))
        let piece = Array(repeating: UInt8(ascii: "#"), count: 65_536)
        var taken = 0
        let fault = #expect(throws: DocumentFault.self) {
            while taken < 200_000_000 {
                try intake.take(piece)
                taken += piece.count
            }
        }
        #expect(taken == 32 << 20)
        #expect(fault?.description.contains("longer than 33554432 bytes") == true)
    }

    @Test("too many elements are refused")
    func tooMany() {
        let limits = IndexLimits(events: 1_000)
        let adapter = Sample.adapter(Sample.upstream(limits: limits))
        let text = "apiVersion: v1\na: [" + String(repeating: "1,", count: 1_000) + "1]\n"
        let fault = #expect(throws: DocumentFault.self) {
            try Sample.arrival(Array(text.utf8), by: adapter)
        }
        #expect(fault?.description.contains("more than 1000 elements") == true)
    }

    @Test("any text is refused or gives an answer: never a trap")
    func fuzz() throws {
        let seed = Array(
            (Sample.index("name: a", "digest: x", "created: 2024-01-02", "urls: [a.tgz]")
                + "annotations: {a: \"\\u00e9\"}\ngenerated: 2024-01-02T00:00:00Z\n").utf8)
        let bytes = Array("{}[],:-\"'\\\n #&*!|>%@`\u{E9}\u{1}a0".utf8)
        var random = Splitmix(state: 5 &+ FuzzCount.firstSeed)
        let count = FuzzCount.of(2_000)
        var answers = 0
        for _ in 0..<count {
            var text = seed
            for _ in 0..<(1 + random.next() % 4) {
                let place = Int(random.next() % UInt64(text.count))
                text[place] = bytes[Int(random.next() % UInt64(bytes.count))]
            }
            guard let served = try? Sample.served(text).bytes else { continue }
            answers += 1
            // What we serve is an index again, and stays as it is.
            #expect(try Sample.served(served).bytes == served)
        }
        #expect(answers > count / 20)
    }
}

/// Random numbers that are the same in each run (Steele, Lea and Flood, 2014).
private struct Splitmix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }
}
