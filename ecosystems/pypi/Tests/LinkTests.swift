import Ecosystems
import HTTPModel
import PyPI
import Testing

/// What is read eight bytes at a time, at every offset of a word.
@Suite struct LinkTests {
    @Test("a byte that a link may not hold as it stands is escaped, wherever it stands")
    func bytes() throws {
        for offset in 0..<17 {
            for byte in (0x21..<0x7F as Range<UInt8>) where !Self.isTold(byte) {
                var folder = Array(repeating: UInt8(ascii: "d"), count: 17)
                folder[offset] = byte
                let text = String(decoding: folder, as: UTF8.self)
                let encoded = PercentEncoding.encodedSegment(text)
                let link = try Self.link("https://files.example/packages/\(text)/x-1.zip")
                #expect(link == "../../packages/\(encoded)/x-1.zip")
            }
        }
    }

    /// Bytes that mean something in a URL, in JSON or in HTML.
    private static func isTold(_ byte: UInt8) -> Bool {
        "\"#%/?\\".utf8.contains(byte)
    }

    @Test("an empty segment and one that begins with a dot are seen, wherever they stand")
    func segments() throws {
        for offset in 1..<20 {
            let start = String(repeating: "d", count: offset)
            let url = "https://files.example/packages/\(start)"
            #expect(try Self.link("\(url)//x-1.zip") == "\(url)//x-1.zip")
            #expect(try Self.link("\(url)/../x-1.zip") == "../../packages/x-1.zip")
            #expect(try Self.link("\(url)/./x-1.zip") == "../../packages/\(start)/x-1.zip")
            #expect(
                try Self.link("\(url)/.e/f.g/x-1.zip") == "../../packages/\(start)/.e/f.g/x-1.zip")
            #expect(try Self.link("\(url)/e/") == nil)
        }
    }

    /// The link in our HTML of a page with this URL, the same as in our JSON; nil for none.
    private static func link(_ url: String) throws -> String? {
        let escaped = url.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        let page = Sample.html(
            "<meta name=pypi:repository-version content=1.0><a href=\"\(escaped)\">x</a>")
        let html = try Sample.rendered(page, as: .html)
        let json = try Sample.rendered(page, as: .json)
        guard let start = html.firstRange(of: "href=\"") else { return nil }
        let link = html[start.upperBound...].prefix { $0 != "\"" }
        #expect(json.contains("\"url\":\"\(link)\""))
        return String(link)
    }

    @Test(
        "a hash of a fragment is one of its algorithm's length and of digits",
        arguments: 0..<64)
    func hexadecimal(_ offset: Int) throws {
        for byte in "0189abdfABDF/:@G`g-".utf8 {
            var digits = Array(repeating: UInt8(ascii: "0"), count: 64)
            digits[offset] = byte
            let hex = String(decoding: digits, as: UTF8.self)
            let page = Sample.html("<a href=\"x-1.zip#egg=x&sha256=\(hex)\">x</a>")
            let json = try Sample.rendered(page, as: .json)
            let isDigit = "0189abdfABDF".utf8.contains(byte)
            #expect(json.contains("{\"sha256\":\"\(hex)\"}") == isDigit)
            #expect(json.contains("\"hashes\":{}") == !isDigit)
        }
    }

    @Test(
        "white space around a link is no part of it, nor of its hash",
        arguments: [" ", "\t", "\n", "\u{C}", "\r\n", "&#10;", "&#32; &#9;"])
    func whiteSpace(_ space: String) throws {
        let hex = String(repeating: "0a", count: 32)
        for url in [
            "x-1.zip", "https://files.example/packages/x-1.zip",
            "https://files.example/packages/a+b/x-1.zip",
        ] {
            for fragment in ["#sha256=\(hex)", "#egg=x&amp;sha256=\(hex)", ""] {
                let link = "\(url)\(fragment)"
                let clean = Sample.html("<a href=\"\(link)\">x</a>")
                let json = try Sample.rendered(clean, as: .json)
                #expect(json.contains(hex) == !fragment.isEmpty)
                for padded in ["\(link)\(space)", "\(space)\(link)", "\(space)\(link)\(space)"] {
                    let page = Sample.html("<a href=\"\(padded)\">x</a>")
                    #expect(try Sample.rendered(page, as: .json) == json)
                }
            }
        }
    }

    @Test("names of attributes and tags in any case; long and unknown ones beside them")
    func attributes() throws {
        let page = Sample.html(
            """
            <A Data-A-Very-Long-Attribute-Of-Somebody="1" HREF=x-1.zip DATA-REQUIRES-PYTHON='>=3' \
            data-yanked data-Yanked="twice">x</A><abbr href=x-2.zip><a=b href=x-3.zip>
            """)
        let html = try Sample.rendered(page, as: .html)
        #expect(html.contains("data-requires-python=\"&gt;=3\" data-yanked=\"\""))
        #expect(html.contains(" data-a-very-long-attribute-of-somebody=\"1\">x-1.zip</a>"))
        #expect(!html.contains("x-2.zip") && !html.contains("x-3.zip"))
    }
}
