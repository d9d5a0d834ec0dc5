import HTTPWire
import Testing

@Suite struct ChunkedContentTests {
    private static let body = Array(
        "5;a=b\r\nhello\r\n0a\r\n\r\n0\r\n\r\nabc\r\n1\r\n!\r\n0;x\r\nT: 1\r\n\r\nrest".utf8)
    private static let content = Array("hello\r\n0\r\n\r\nabc!".utf8)

    @Test("the content of chunks is kept, wherever the input is cut, and nothing else")
    func keeps() throws {
        for cut in 0...Self.body.count {
            var reader = ChunkedReader()
            var content: [UInt8] = []
            let bytes = Self.body.span
            let first = try reader.read(bytes.extracting(0..<cut), into: &content)
            let second = try reader.read(bytes.extracting(cut..<bytes.count), into: &content)
            #expect(content == Self.content, "cut at \(cut)")
            #expect(reader.isDone)
            #expect(first + second == Self.body.count - 4, "cut at \(cut)")
        }
    }
}
