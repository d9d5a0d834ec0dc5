import Ecosystems
import Testing

@Suite struct JSONMemberTests {
    private struct Seen: Equatable {
        let key: String
        let kind: JSONReader.Kind
        let value: String
    }

    @Test("members come with their scalars; the reader stands before objects and arrays")
    func members() throws {
        let text =
            #"{ "a" : "x\u0041" , "b":-1.5e3,"c":true, "d":false,"e":null,"f":[1,{}],"g":{} }"#
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes)
        var seen: [Seen] = []
        try reader.enterObject()
        while let member = try reader.nextMember() {
            var value = member.value
            if member.kind == .array || member.kind == .object { value = try reader.value() }
            let shown =
                member.kind == .string
                ? member.text.string(in: bytes) : String(decoding: bytes[value], as: UTF8.self)
            seen.append(Seen(key: member.key.string(in: bytes), kind: member.kind, value: shown))
        }
        try reader.finish()
        #expect(
            seen == [
                Seen(key: "a", kind: .string, value: "xA"),
                Seen(key: "b", kind: .number, value: "-1.5e3"),
                Seen(key: "c", kind: .true, value: "true"),
                Seen(key: "d", kind: .false, value: "false"),
                Seen(key: "e", kind: .null, value: "null"),
                Seen(key: "f", kind: .array, value: "[1,{}]"),
                Seen(key: "g", kind: .object, value: "{}"),
            ])
    }

    @Test(
        "what is no member is refused",
        arguments: [
            "{", "{\"a\"", "{\"a\":", "{\"a\":x}", "{\"a\":tru}", "{\"a\":falsy}", "{\"a\":nul",
            "{\"a\":01}", "{\"a\":\"x}", "{\"a\":\"\\q\"}", "{\"a\":1,}", "{\"a\":1 \"b\":2}",
            "{1:2}",
        ])
    func refuses(_ text: String) throws {
        var reader = JSONReader(Array(text.utf8))
        try reader.enterObject()
        #expect(throws: JSONFault.self) { while try reader.nextMember() != nil {} }
    }

    @Test("each byte that must be escaped is, wherever it stands in a word of eight")
    func escapes() throws {
        for offset in 0..<17 {
            for byte in (0..<128 as Range<UInt8>) {
                var text = Array(repeating: UInt8(ascii: "x"), count: 17)
                text[offset] = byte
                var writer = JSONWriter()
                writer.string(text[...])
                var reader = JSONReader(writer.bytes)
                let read = try reader.string()
                try reader.finish()
                #expect(read.decoded(in: writer.bytes) == text)
                #expect(read.hasEscapes == (byte < 0x20 || byte == 0x22 || byte == 0x5C))
            }
        }
    }
}
