import Ecosystems
import Foundation
import Support
import Testing

/// The resumable reader: wherever a text is cut, it says what it says of the whole one.
@Suite struct JSONStreamTests {
    @Test("each good text is passed and each bad one refused, at every cut", arguments: JSONRow.all)
    func verdicts(_ row: JSONRow) {
        for walk in StreamWalk.allCases {
            let whole = walk.trace(of: [row.bytes])
            #expect(whole.isGood == row.isGood, "\(walk): \(whole.events.suffix(3))")
            for cut in 0...row.bytes.count {
                let pieces = [Array(row.bytes[..<cut]), Array(row.bytes[cut...])]
                #expect(walk.trace(of: pieces) == whole, "\(walk) cut at \(cut)")
            }
            #expect(walk.trace(of: row.bytes.map { [$0] }) == whole, "\(walk) byte by byte")
        }
    }

    @Test("Python's reader agrees on every row of the table")
    func python() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-I", "-c", Self.judge]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.runAlone()
        let rows = JSONRow.all.filter { !$0.isOurLimit }
        let lines = rows.map { $0.bytes.map { String(format: "%02x", $0) }.joined() }
        try input.fileHandleForWriting.write(contentsOf: Data(lines.joined(separator: "\n").utf8))
        try input.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let verdicts = text.split(separator: "\n")
        #expect(verdicts.count == rows.count)
        for (row, verdict) in zip(rows, verdicts) {
            #expect((verdict == "good") == row.isGood, "\(row): \(verdict)")
        }
    }

    /// One line of hexadecimal digits for each text; the constants that Python adds are refused.
    private static let judge = """
        import json, sys
        def refuse(name): raise ValueError(name)
        for line in sys.stdin.read().split("\\n"):
            try:
                text = bytes.fromhex(line).decode("utf-8")
                json.loads(text, parse_constant=refuse)
                print("good")
            except (ValueError, RecursionError) as error:
                print("bad", type(error).__name__)
        """

    @Test("a large text is the same at random cuts", arguments: 1...6)
    func randomCuts(_ seed: UInt64) {
        var random = JSONFuzzTests.Generator(state: seed &+ FuzzCount.firstSeed)
        let text = Array(JSONRow.large(versions: 60).utf8)
        for walk in StreamWalk.allCases {
            let whole = walk.trace(of: [text])
            #expect(whole.isGood)
            for _ in 0..<FuzzCount.of(20) {
                var pieces: [[UInt8]] = []
                var start = 0
                while start < text.count {
                    let limit = [2, 9, 70, 4_096].randomElement(using: &random) ?? 9
                    let end = min(start + Int.random(in: 1...limit, using: &random), text.count)
                    pieces.append(Array(text[start..<end]))
                    start = end
                }
                #expect(walk.trace(of: pieces) == whole)
            }
        }
    }

    @Test("a random text gets the whole reader's verdict", arguments: 1...6)
    func sameAsReader(_ seed: UInt64) {
        var random = JSONFuzzTests.Generator(state: seed &+ FuzzCount.firstSeed)
        let count = FuzzCount.of(400)
        let source = Array(JSONRow.large(versions: 2).utf8)
        var refused = 0
        for _ in 0..<count {
            var text = source
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                text[index] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = JSONReader(text)
            let isGood = (try? reader.value()) != nil && (try? reader.finish()) != nil
            refused += isGood ? 0 : 1
            let cut = Int.random(in: 0...text.count, using: &random)
            let pieces = [Array(text[..<cut]), Array(text[cut...])]
            for walk in StreamWalk.allCases {
                #expect(walk.trace(of: pieces).isGood == isGood, "\(walk) cut at \(cut)")
            }
        }
        #expect(refused > count / 4)
    }

    @Test("a key or a string that is wanted has a limit; one that is skipped has none")
    func textLimit() {
        let long = String(repeating: "x", count: JSONStream.textLimit + 1)
        let value = Array("{\"a\":\"\(long)\"}".utf8)
        let key = Array("{\"\(long)\":1}".utf8)
        for text in [value, key] {
            let cuts = [[text], [Array(text[..<9]), Array(text[9...])], text.map { [$0] }]
            for pieces in cuts {
                #expect(!StreamWalk.tokens.trace(of: pieces).isGood)
                #expect(StreamWalk.skipping.trace(of: pieces).isGood)
            }
        }
        #expect(StreamWalk.values.trace(of: [value]).isGood)
    }

    @Test("the offset of a fault counts from the text's beginning")
    func offsets() {
        var stream = JSONStream()
        #expect(throws: JSONFault.unexpectedByte(at: 7)) {
            stream.skipValue()
            for piece in ["[1,2", ",3 ", "x]"] {
                while try stream.next(Array(piece.utf8)) != .pieceEnd {}
            }
        }
    }
}
