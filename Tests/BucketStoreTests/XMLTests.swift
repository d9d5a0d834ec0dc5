import BucketStore
import Testing

struct XMLTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        /// `Root/Child` texts that are to be found; nil where the whole is refused.
        let found: [String]?
    }

    static let rows = [
        Row(
            testDescription: "an error with its declaration",
            text:
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code></Error>\n",
            found: ["SlowDown"]),
        Row(
            testDescription: "prefixes, attributes, empty elements and spaces",
            text:
                "<s3:Error xmlns:s3=\"http://x/>\" a='>'><Empty/><s3:Code >A</s3:Code ></s3:Error >",
            found: ["A"]),
        Row(
            testDescription: "entities", text: "<E><Code>&lt;&amp;&#65;&#x42;&quot;</Code></E>",
            found: ["<&AB\""]),
        Row(
            testDescription: "several of one name", text: "<E><Code>1</Code><Code>2</Code></E>",
            found: ["1", "2"]),
        Row(testDescription: "a document type", text: "<!DOCTYPE E><E/>", found: nil),
        Row(testDescription: "a comment", text: "<E><!-- x --></E>", found: nil),
        Row(testDescription: "CDATA", text: "<E><Code><![CDATA[x]]></Code></E>", found: nil),
        Row(testDescription: "an unknown entity", text: "<E><Code>&x;</Code></E>", found: nil),
        Row(testDescription: "an entity without end", text: "<E><Code>&amp</Code></E>", found: nil),
        Row(testDescription: "the wrong end tag", text: "<E><Code>1</E></Code>", found: nil),
        Row(testDescription: "no end", text: "<E><Code>1</Code>", found: nil),
        Row(testDescription: "two roots", text: "<E/><E/>", found: nil),
        Row(testDescription: "text outside", text: "x<E/>", found: nil),
        Row(testDescription: "nothing", text: "", found: nil),
        Row(
            testDescription: "too deep",
            text: String(repeating: "<E>", count: 9) + String(repeating: "</E>", count: 9),
            found: nil),
        Row(
            testDescription: "too many elements",
            text: "<E>" + String(repeating: "<C/>", count: 20_000) + "</E>", found: nil),
    ]

    @Test("XML is read strictly and within limits", arguments: rows)
    func read(_ row: Row) {
        let root = XMLElement(Array(row.text.utf8))
        #expect(root?.all("Code").map(\.text) == row.found)
    }

    @Test("no cut of an answer passes for the whole")
    func cuts() {
        let text = Array(Self.rows[0].text.utf8.dropLast())
        for count in text.indices { #expect(XMLElement(Array(text.prefix(count))) == nil) }
    }
}
