import Ecosystems
import Testing

@Suite struct JSONReaderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let text: [UInt8]
        var fault: JSONFault?

        init(_ text: String, _ fault: JSONFault? = nil) {
            self.text = Array(text.utf8)
            self.fault = fault
        }

        init(bytes: [UInt8], _ fault: JSONFault? = nil) {
            text = bytes
            self.fault = fault
        }

        var testDescription: String { String(decoding: text.prefix(60), as: UTF8.self) }
    }

    static let rows: [Row] = [
        Row("{}"), Row("[]"), Row("[[],{}]"), Row("\"\""), Row("0"), Row("-0"), Row("null"),
        Row(" \t\r\n[ 1 , 2 ] \n"), Row("{\"a\":{\"b\":[true,false,null]}}"),
        Row("-0.5e+10"), Row("1E-3"), Row("123456789012345678901234567890"),
        Row("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""), Row("\"\\ud800\""),
        Row("\"long enough for several words of eight bytes, é and 😀 too\""),
        Row("", .unexpectedEnd), Row("   ", .unexpectedEnd), Row("[", .unexpectedEnd),
        Row("{\"a\"", .unexpectedEnd), Row("{\"a\":", .unexpectedEnd), Row("\"a", .unexpectedEnd),
        Row("\"\\u12", .unexpectedEnd), Row("-", .unexpectedEnd), Row("tru", .unexpectedEnd),
        Row("[1,]", .unexpectedByte(at: 3)), Row("[,1]", .unexpectedByte(at: 1)),
        Row("{,}", .unexpectedByte(at: 1)), Row("{\"a\":1,}", .unexpectedByte(at: 7)),
        Row("{a:1}", .unexpectedByte(at: 1)), Row("{\"a\" 1}", .unexpectedByte(at: 5)),
        Row("[1 2]", .unexpectedByte(at: 3)), Row("[1}", .unexpectedByte(at: 2)),
        Row("{\"a\":1]", .unexpectedByte(at: 6)), Row("]", .unexpectedByte(at: 0)),
        Row("nulL", .unexpectedByte(at: 3)), Row("'a'", .unexpectedByte(at: 0)),
        Row("NaN", .unexpectedByte(at: 0)), Row("\u{FEFF}{}", .unexpectedByte(at: 0)),
        Row("[1] 2", .unexpectedByte(at: 4)), Row("{}{}", .unexpectedByte(at: 2)),
        Row("01", .badNumber(at: 0)), Row("-01", .badNumber(at: 0)),
        Row("+1", .unexpectedByte(at: 0)),
        Row("[1.]", .badNumber(at: 1)), Row("[.5]", .unexpectedByte(at: 1)),
        Row("[1e]", .badNumber(at: 1)), Row("[1e+]", .badNumber(at: 1)),
        Row("[-]", .badNumber(at: 1)),
        Row("0x10", .unexpectedByte(at: 1)), Row("\"a\nb\"", .controlByte(at: 2)),
        Row("\"a\u{0}b\"", .controlByte(at: 2)), Row("\"12345678\u{1F}\"", .controlByte(at: 9)),
        Row("\"\\x\"", .badEscape(at: 1)), Row("\"\\u12g4\"", .badEscape(at: 1)),
        Row("\"\\U0041\"", .badEscape(at: 1)),
        Row(bytes: [0x22, 0x80, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xC0, 0xAF, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xC3, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xE0, 0x80, 0xAF, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xED, 0xA0, 0x80, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xF0, 0x9F, 0x98, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xFF, 0x22], .badUTF8(at: 1)),
        Row(bytes: [0x22, 0xE2, 0x82], .unexpectedEnd),
        Row(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)),
        Row(
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep(at: 64)),
        Row(String(repeating: "{\"a\":", count: 100_000), .tooDeep(at: 320)),
    ]

    @Test("the grammar of RFC 8259, over whole texts", arguments: rows)
    func grammar(_ row: Row) {
        #expect(fault(of: row.text) == row.fault)
    }

    private func fault(of text: [UInt8]) -> JSONFault? {
        var reader = JSONReader(text)
        do {
            _ = try reader.value()
            try reader.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test("a walk and a skip see the same text")
    func walk() throws {
        let bytes = Array(#" { "a" : [ 1 , "x" ] , "b" : { } , "c" : -2.5 } "#.utf8)
        var reader = JSONReader(bytes)
        try reader.enterObject()
        var seen: [String] = []
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            let value = try reader.value()
            seen.append(
                "\(key.string(in: bytes)) \(kind) \(String(decoding: bytes[value], as: UTF8.self))")
        }
        try reader.finish()
        #expect(seen == ["a array [ 1 , \"x\" ]", "b object { }", "c number -2.5"])
    }

    @Test("the depth limit counts the levels that the caller opened")
    func depth() throws {
        let text = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        var reader = JSONReader(Array(text.utf8))
        for _ in 0..<10 {
            try reader.enterArray()
            #expect(try reader.nextElement())
        }
        #expect(throws: JSONFault.tooDeep(at: 64)) { try reader.value() }
    }

    @Test(
        "misplaced commas are refused in a walk as well",
        arguments: [
            "[,1]", "[1,]", "[1 2]", "[1,,2]", "[", "[1", "[1,",
        ])
    func commas(_ text: String) {
        #expect(throws: JSONFault.self) {
            var reader = JSONReader(Array(text.utf8))
            try reader.enterArray()
            while try reader.nextElement() { _ = try reader.value() }
            try reader.finish()
        }
    }

    @Test("strings decode to their values")
    func strings() throws {
        let bytes = Array(#""\u0041\u00e9\ud83d\ude00\ud800x\n\/é""#.utf8)
        var reader = JSONReader(bytes)
        let text = try reader.string()
        #expect(text.string(in: bytes) == "Aé😀\u{FFFD}x\n/é")
        #expect(text.hasEscapes)
    }

    @Test("a key set tells duplicates by value, few and many")
    func keys() throws {
        let names = (0..<100).map { "\"key-number-\($0)\"" } + [#""\u006bey-number-7""#]
        let bytes = Array("[\(names.joined(separator: ","))]".utf8)
        for limit in [101, 8] {
            var reader = JSONReader(bytes)
            var keys = JSONKeySet()
            var results: [Bool] = []
            try reader.enterArray()
            while try reader.nextElement() {
                let key = try reader.string()
                if results.count < limit || results.count == 100 {
                    results.append(keys.insert(key, in: bytes))
                } else {
                    results.append(true)
                }
            }
            #expect(results == Array(repeating: true, count: 100) + [false])
            keys.removeAll()
            reader = JSONReader(bytes, at: 1)
            #expect(keys.insert(try reader.string(), in: bytes))
        }
    }

    @Test("the first of a byte is found wherever it stands")
    func search() {
        for count in 0..<40 {
            for place in 0..<count {
                var bytes = [UInt8](repeating: 0x80, count: count)
                bytes[place] = 0x01
                bytes.indices.filter { $0 > place }.forEach { bytes[$0] = 0x00 }
                #expect(ByteSearch.first(0x01, in: bytes.span, from: 0) == place)
                #expect(ByteSearch.first(0x01, in: bytes.span, from: place + 1) == nil)
                #expect(ByteSearch.first(0x02, in: bytes.span, from: 0) == nil)
            }
        }
    }
}
