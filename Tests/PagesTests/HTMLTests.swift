import HTTPModel
import Testing

@testable import Pages

@Suite struct HTMLTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let expected: String
    }

    static let rows: [Row] = [
        Row(
            testDescription: "a tag", text: "<script>alert(1)</script>",
            expected: "&lt;script&gt;alert(1)&lt;/script&gt;"),
        Row(
            testDescription: "quotes of both kinds", text: "\" onload='x'",
            expected: "&quot; onload=&#39;x&#39;"),
        Row(testDescription: "an entity", text: "&lt;", expected: "&amp;lt;"),
        Row(
            testDescription: "controls", text: "a\u{0}b\u{1B}c\u{7F}",
            expected: "a\u{FFFD}b\u{FFFD}c\u{FFFD}"),
        Row(
            testDescription: "what turns writing around", text: "x\u{202E}gpj.exe\u{2066}",
            expected: "x\u{FFFD}gpj.exe\u{FFFD}"),
        Row(testDescription: "no width", text: "pa\u{200B}ypal", expected: "pa\u{FFFD}ypal"),
        Row(testDescription: "letters of anywhere", text: "日本 é ß", expected: "日本 é ß"),
    ]

    @Test("text is escaped in elements and in attributes", arguments: rows)
    func escaping(_ row: Row) {
        let inElement: HTML = "<p>\(row.text)</p>"
        #expect(inElement.text == "<p>\(row.expected)</p>")
        let inAttribute: HTML = "<a title=\"\(row.text)\">"
        #expect(inAttribute.text == "<a title=\"\(row.expected)\">")
    }

    @Test("pieces are taken as they are, and numbers need nothing")
    func pieces() {
        let piece: HTML = "<b>\("&")</b>"
        let absent: HTML? = nil
        let whole: HTML = "<i>\(piece)\([piece, piece])\(absent)\(7)</i>"
        #expect(whole.text == "<i><b>&amp;</b><b>&amp;</b><b>&amp;</b>7</i>")
    }
}
