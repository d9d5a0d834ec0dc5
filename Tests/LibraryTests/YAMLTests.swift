import Testing
import YAML

@Suite struct YAMLTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var limits = YAMLLimits()
        let reason: YAMLError.Reason
        let line: Int
        let column: Int
    }

    static let refusals: [Refusal] = [
        Refusal(
            testDescription: "alias", text: "a: 1\nb: *a\n", reason: .alias, line: 2, column: 4),
        Refusal(
            testDescription: "anchor on a scalar", text: "a: &x 1\n", reason: .anchor, line: 1,
            column: 4),
        Refusal(
            testDescription: "anchor on a sequence", text: "a: &x [1]\n", reason: .anchor, line: 1,
            column: 4),
        Refusal(
            testDescription: "anchor on a mapping", text: "a: &x {b: 1}\n", reason: .anchor,
            line: 1, column: 4),
        Refusal(
            testDescription: "custom tag", text: "a: !secret b\n", reason: .tag, line: 1, column: 4),
        Refusal(
            testDescription: "a core tag that changes the meaning", text: "a: !!binary aGk=\n",
            reason: .tag, line: 1, column: 4),
        Refusal(
            testDescription: "a tag of the wrong kind", text: "a: !!map b\n", reason: .tag, line: 1,
            column: 4),
        Refusal(
            testDescription: "second document", text: "a: 1\n---\nb: 2\n",
            reason: .secondDocument, line: 2, column: 1),
        Refusal(
            testDescription: "duplicate key", text: "a: 1\nb: 2\n\"a\": 3\n",
            reason: .duplicateKey(firstLine: 1), line: 3, column: 1),
        Refusal(
            testDescription: "key that is a sequence", text: "? [a]\n: 1\n",
            reason: .keyNotScalar, line: 1, column: 3),
        Refusal(
            testDescription: "too long", text: "a: 12345", limits: YAMLLimits(bytes: 7),
            reason: .textTooLarge(limitBytes: 7), line: 1, column: 1),
        Refusal(
            testDescription: "too many events", text: "[1,\n2, 3]",
            limits: YAMLLimits(events: 4), reason: .tooManyEvents(limit: 4), line: 2, column: 1),
        Refusal(
            testDescription: "65 levels", text: String(repeating: "[", count: 65),
            reason: .tooDeep(limit: 64), line: 1, column: 65),
        Refusal(
            testDescription: "a tab as indentation", text: "a:\n\tb: 1\n",
            reason: .syntax("found character that cannot start any token"), line: 2, column: 1),
        Refusal(
            testDescription: "unclosed bracket", text: "a: [1, 2\n",
            reason: .syntax("did not find expected ',' or ']'"), line: 2, column: 1),
    ]

    @Test("what is not allowed is refused with its place", arguments: refusals)
    func refusal(_ row: Refusal) {
        #expect {
            try YAMLNode.read(row.text, limits: row.limits)
        } throws: { error in
            guard let error = error as? YAMLError else { return false }
            let expected = YAMLPosition(line: row.line, column: row.column)
            #expect(error.reason == row.reason)
            #expect(error.position == expected)
            return true
        }
    }

    @Test("a text longer than the limit on one element is refused before it is read whole")
    func stretch() throws {
        let limits = YAMLLimits(bytes: 8 << 20, stretch: 1 << 18)
        let long = "a: " + String(repeating: "x", count: 6 << 20)
        #expect {
            try YAMLNode.read(long, limits: limits)
        } throws: { error in
            guard let error = error as? YAMLError else { return false }
            return error.reason == .stretchTooLong(limitBytes: 1 << 18)
                && error.position.column < 1 << 19
        }
        let many = String(repeating: "- \(String(repeating: "x", count: 1 << 16))\n", count: 64)
        #expect(try YAMLNode.read(many, limits: limits) != nil)
    }

    @Test("64 levels are read")
    func depthLimit() throws {
        let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try YAMLNode.read(text) != nil)
    }

    @Test(
        "bytes that are not UTF-8 are refused where they stand",
        arguments: [
            [0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0x3A, 0xFF] as [UInt8],
            [0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0x3A, 0xC3],
            [0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0x3A, 0x00],
            [0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0x3A, 0xED, 0xA0, 0x80],
        ])
    func notText(_ bytes: [UInt8]) {
        #expect {
            try YAMLNode.read(bytes.span)
        } throws: { error in
            guard let error = error as? YAMLError, case .syntax = error.reason else { return false }
            return error.position == YAMLPosition(line: 2, column: 3)
        }
    }

    @Test("UTF-16 is not read")
    func utf16() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x61, 0x00, 0x3A, 0x00, 0x20, 0x00, 0x31, 0x00]
        #expect(throws: YAMLError.self) { try YAMLNode.read(bytes.span) }
    }

    @Test("a text without a document has no node", arguments: ["", "\n\n", "# only a comment\n"])
    func empty(_ text: String) throws {
        #expect(try YAMLNode.read(text) == nil)
    }

    @Test("a tree keeps order, style and places")
    func tree() throws {
        let text = """
            b: plain text   # comment
            a:
              - "1"
              - 1
              - ~
              - |
                two
                lines
            "": {x: !!str 5}
            """
        let root = try #require(try YAMLNode.read(text))
        guard case .mapping(let entries) = root.content else {
            Issue.record("no mapping")
            return
        }
        #expect(entries.map(\.key) == ["b", "a", ""])
        #expect(entries[1].keyPosition == YAMLPosition(line: 2, column: 1))
        #expect(root["b"]?.content == .scalar("plain text", .plain))
        guard case .sequence(let items) = root["a"]?.content else {
            Issue.record("no sequence")
            return
        }
        #expect(
            items.map(\.content) == [
                .scalar("1", .quoted), .scalar("1", .plain), .scalar("~", .plain),
                .scalar("two\nlines\n", .quoted),
            ])
        #expect(items.map(\.isNull) == [false, false, true, false])
        #expect(items[1].position == YAMLPosition(line: 4, column: 5))
        #expect(root[""]?["x"]?.content == .scalar("5", .quoted))
    }

    @Test("a byte order mark of UTF-8 is skipped")
    func byteOrderMark() throws {
        #expect(try YAMLNode.read("\u{FEFF}a: 1")?["a"]?.content == .scalar("1", .plain))
    }

    @Test("events come one by one, and scalars are lent without a copy")
    func events() throws {
        let text = Array("a: [x, 'yy']\n".utf8)
        var events = try YAMLEvents(text.span)
        var seen: [YAMLEvent] = []
        var lengths: [Int] = []
        while let event = try events.next() {
            seen.append(event)
            lengths.append(events.withScalar { $0.count })
        }
        #expect(
            seen == [
                .mappingStart, .scalar(.plain), .sequenceStart, .scalar(.plain), .scalar(.quoted),
                .sequenceEnd, .mappingEnd,
            ])
        #expect(lengths == [0, 1, 0, 1, 2, 0, 0])
        #expect(try events.next() == nil)
        #expect(events.scalar.isEmpty)
    }

    @Test("after an error the events are at their end")
    func afterError() throws {
        var events = try YAMLEvents(Array("[a, *b, c]".utf8).span)
        #expect(try events.next() == .sequenceStart)
        #expect(try events.next() == .scalar(.plain))
        var failed = false
        do { _ = try events.next() } catch { failed = error.reason == .alias }
        #expect(failed)
        #expect(try events.next() == nil)
    }

    @Test("an error's description holds nothing of the text")
    func description() {
        #expect {
            try YAMLNode.read("token: hunter2\ntoken: hunter3\n")
        } throws: { error in
            "\(error)" == "line 2, column 1: this key stands already on line 1"
        }
    }

    @Test("a hundred thousand damaged texts neither crash nor hang", .timeLimit(.minutes(5)))
    func damaged() {
        let seed = Array("a: [1, \"b\", {c: 'd'}]\ne:\n  - |\n    f\n  - ? g\n    : !!str h\n".utf8)
        var random = SplitMix(state: 7)
        var refused = 0
        for _ in 0..<100_000 {
            var bytes = seed
            for _ in 0..<3 {
                bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            if (try? YAMLNode.read(bytes.span)) == nil { refused += 1 }
        }
        #expect(refused > 10_000)
    }
}

/// A small, seeded source of numbers, so that a failing run can be repeated.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
