import Ecosystems
import Testing

/// A text, and whether it is JSON (RFC 8259).
struct JSONRow: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let isGood: Bool
    /// Whether only our own limits make it bad.
    var isOurLimit = false

    var testDescription: String { String(decoding: bytes.prefix(48), as: UTF8.self) }

    static let all: [JSONRow] =
        good.map { JSONRow(bytes: Array($0.utf8), isGood: true) }
        + bad.map { JSONRow(bytes: Array($0.utf8), isGood: false) }
        + badBytes.map { JSONRow(bytes: [0x5B, 0x22] + $0 + [0x22, 0x5D], isGood: false) }
        + goodBytes.map { JSONRow(bytes: [0x5B, 0x22] + $0 + [0x22, 0x5D], isGood: true) }
        + [
            JSONRow(bytes: nested(64), isGood: true),
            JSONRow(bytes: nested(65), isGood: false, isOurLimit: true),
            JSONRow(bytes: Array(large(versions: 1).utf8), isGood: true),
        ]

    private static func nested(_ depth: Int) -> [UInt8] {
        let pairs = (0..<depth).map { $0 % 2 == 0 ? ("[", "]") : ("{\"a\":", "}") }
        let text = pairs.map(\.0).joined() + "1" + pairs.reversed().map(\.1).joined()
        return Array(text.utf8)
    }

    private static let good = [
        "{}", "[]", "[[],{}]", "\"\"", "0", "-0", "null", "true", "false", "12", "-1.5e+10",
        " \t\r\n[ 1 , 2 ] \n", "{\"a\":{\"b\":[true,false,null]}}", "1E-3", "0.0", "10.01",
        "[1,-1,0,1.0,1e1,1E+1,1e-1,1.5E2]", "123456789012345678901234567890",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\uDFFF\\u0000\"",
        "\"long enough for several words of eight bytes, é and 😀 too\"", "\"\u{7F}\"",
        "{\"\":\"\",\"a\":\"\",\"a\":2}", "[\"a\\\\\",\"\\\\\\\"\"]", "{\"__proto__\":{}}",
        "{ \"a\" : [ { \"b\" : { } } , [ ] ] }", "[\"\\u007b\",\"{\",\"]\"]", "\n{\r\n}\t",
        "[ ]", "[\n]", "{\"1234567\":\"12345678\"}", "\"\u{FEFF}\u{2028}\u{10FFFF}\"",
    ]

    private static let bad = [
        "", " ", "\n\t", "[", "]", "{", "}", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1",
        "{\"a\":1,",
        "\"", "\"a", "\"\\", "\"\\u12", "\"\\\"", "-", "tru", "nul", "fals", "t", "1.", "1e", "1e+",
        "[1,]", "[,1]", "[1,,2]", "[,]", "{,}", "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{\"a\"::1}",
        "{\"a\":1 \"b\":2}", "{\"a\",\"b\"}", "{1:1}", "{null:1}", "{[]:1}", "{\"a\":}", "{\"a\"}",
        "{\"a\":1,,\"b\":2}", "[1 2]", "[1}", "{\"a\":1]", "[1]]", "{}}", "[\"a\" \"b\"]",
        "[\"a\":1]",
        "nulL", "True", "nan", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "[truefalse]",
        "[nullx]", "[1x]", "\u{FEFF}{}", "[1] 2", "{}{}", "1 2", "\"a\"\"b\"", "null,", "[1],",
        "01", "-01", "00", "+1", ".5", "[1.]", "[.5]", "[-.5]", "[1e]", "[1e+]", "[1.e1]", "[-]",
        "[--1]", "[1-]", "[1e1.5]", "[1e1e1]", "[1.5.5]", "0x10", "1_000", "[- 1]", "[1 .5]",
        "\"a\nb\"", "\"a\u{0}b\"", "\"\t\"", "\"12345678\u{1F}\"", "\"\\x\"", "\"\\u12g4\"",
        "\"\\U0041\"", "\"\\'\"", "\"\\0\"", "\"\\u 041\"", "\"\\\n\"", "\"\\u00e\"",
        "// c\n1", "/* c */1", "[1 /* c */]", "#1", "{\"a\":1}//", "\u{B}1", "\u{C}[]", "[1\u{0}]",
        "\u{A0}1", "<html></html>", "{\"a\":\"b}", "[\"a]", "{\"a\":\"b\",\"c",
    ]

    private static let goodBytes: [[UInt8]] = [
        [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
    ]

    private static let badBytes: [[UInt8]] = [
        [0x80], [0xBF, 0x41], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x41], [0xE0, 0x80, 0xAF],
        [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80],
        [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x41], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        [0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x80],
    ]

    /// An object with all kinds of values, keys and strings, as long as one likes.
    static func large(versions count: Int) -> String {
        let versions = (0..<count).map { number in
            let noise = String(repeating: "x", count: number % 23)
            return #""1.0.\#(number)":{"n":"\#(noise)é😀","#
                + #""dist":{"t":"h:\/\/a\u002f\#(noise)\\\"","size":\#(number * 977),"#
                + #""f":-1.\#(number)e-\#(number % 9),"ok":[true,false,null,[],{},""]}}"#
        }
        return "{\"name\" : \"a\\u00e9b\",\n  \"versions\": {" + versions.joined(separator: ",")
            + "}, \"readme\":\"" + String(repeating: "# Title\\n\\ntext \\\"q\\\" ", count: count)
            + "\"}"
    }
}
