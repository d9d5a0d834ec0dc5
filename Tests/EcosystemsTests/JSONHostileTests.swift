import Ecosystems
import Foundation
import Support
import Testing

/// Texts that readers of JSON have died of; all documents but charts' indexes go through these two.
@Suite struct JSONHostileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let isGood: Bool
        let text: @Sendable () -> [UInt8]

        init(_ testDescription: String, isGood: Bool, _ text: @escaping @Sendable () -> [UInt8]) {
            self.testDescription = testDescription
            self.isGood = isGood
            self.text = text
        }

        init(_ text: String, isGood: Bool) {
            self.init(text, isGood: isGood) { Array(text.utf8) }
        }
    }

    /// As deep as a text may be: nothing but its depth is wrong with a deeper one that is closed.
    private static func nested(_ depth: Int, _ open: String, _ close: String) -> Row {
        let isGood = depth <= JSONReader.depthLimit && !close.isEmpty
        return Row("\(depth) levels of \(open) and \(close)", isGood: isGood) {
            Array(String(repeating: open, count: depth).utf8) + [0x31]
                + Array(String(repeating: close, count: depth).utf8)
        }
    }

    /// A build for users takes the sizes of the catalogue in its stride.
    private static let scale = Processor.isOptimized ? 1 : 20

    static let rows: [Row] =
        [1, JSONReader.depthLimit, JSONReader.depthLimit + 1, 300, 600, 100_000].flatMap { depth in
            [nested(depth, "[", "]"), nested(depth, "{\"a\":", "}"), nested(depth, "[", "")]
        } + [
            Row("a million keys", isGood: true) {
                let keys = (0..<1_000_000 / scale).map { "\"k\($0)\":\($0)" }
                return Array("{\(keys.joined(separator: ","))}".utf8)
            },
            Row("a string of 100 MB", isGood: true) {
                let letters = [UInt8](repeating: 0x61, count: 100_000_000 / scale)
                return [0x5B, 0x22] + letters + [0x22, 0x5D]
            },
            Row("a string of 100 MB without an end", isGood: false) {
                [0x22] + [UInt8](repeating: 0x61, count: 100_000_000 / scale)
            },
            Row("a number of a million digits", isGood: true) {
                [UInt8](repeating: 0x39, count: 1_000_000 / scale)
            },
            Row("{\"a\":1,\"a\":2}", isGood: true), Row("1e400", isGood: true),
            Row("-1e-400", isGood: true), Row("[1E99999999999999999999]", isGood: true),
            Row("\"\\ud800\"", isGood: true), Row("\"\\udc00\\ud800\"", isGood: true),
            Row("\u{FEFF}{}", isGood: false), Row("\u{0}", isGood: false),
            Row("{\"a\u{0}\":1}", isGood: false), Row("[\"\\u0000\"]", isGood: true),
            Row("a UTF-16 text", isGood: false) { [0xFF, 0xFE, 0x7B, 0, 0x7D, 0] },
        ]

    private static func isGood(_ text: [UInt8]) -> Bool {
        var reader = JSONReader(text)
        return (try? reader.value()) != nil && (try? reader.finish()) != nil
    }

    private static func isGoodInPieces(_ text: [UInt8]) -> Bool {
        var stream = JSONStream()
        stream.skipValue()
        do throws(JSONFault) {
            for start in stride(from: 0, to: text.count, by: 65_536) {
                let piece = Array(text[start..<min(start + 65_536, text.count)])
                while try stream.next(piece) != .pieceEnd {}
            }
            try stream.finish()
            return true
        } catch {
            return false
        }
    }

    @Test("M-2: refused or read, on a thread with a stack of 64 KiB", arguments: rows)
    func verdict(_ row: Row) async {
        let verdicts = await withCheckedContinuation { continuation in
            let thread = Thread {
                let text = row.text()
                continuation.resume(returning: [Self.isGood(text), Self.isGoodInPieces(text)])
            }
            thread.stackSize = 64 << 10
            thread.start()
        }
        #expect(verdicts == [row.isGood, row.isGood])
    }

    private static let environment = ProcessInfo.processInfo.environment
    /// A million in a soak.
    private static let fuzzCount =
        (environment["LARDER_ROUNDS"].flatMap { Int($0) } ?? 50) * 1_000
    /// Always the same, but in a soak.
    private static let seed =
        environment["LARDER_SEED"].flatMap { UInt64($0) }
        ?? (fuzzCount >= 1_000_000 ? UInt64.random(in: 1 ... .max) : 1)

    @Test("M-2: mutated texts, on every thread: both readers agree, and none traps")
    func fuzz() async {
        print("JSON fuzz: \(Self.fuzzCount) texts, LARDER_SEED=\(Self.seed)")
        let seeds = JSONRow.all.map(\.bytes).filter { $0.count < 200 }
        await withTaskGroup(of: [UInt8]?.self) { group in
            for worker in 0..<4 as Range<UInt64> {
                group.addTask {
                    var random = JSONFuzzTests.Generator(state: Self.seed &+ worker)
                    for _ in 0..<Self.fuzzCount / 4 {
                        let text = Self.mutated(seeds, &random)
                        let isGood = Self.isGood(text)
                        if Self.isGoodInPieces(text) != isGood { return text }
                    }
                    return nil
                }
            }
            for await text in group {
                let shown = text.map { String(decoding: $0, as: UTF8.self).debugDescription }
                #expect(shown == nil, "LARDER_SEED=\(Self.seed)")
            }
        }
    }

    private static let pieces: [[UInt8]] = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "0", "-", "1e", ".", "null",
        "true", " ", "\n", "\u{0}", "\u{FEFF}", "\u{E9}", "{\"a\":", "[[[[[[[[",
    ].map { Array($0.utf8) }

    private static func mutated(
        _ seeds: [[UInt8]], _ random: inout JSONFuzzTests.Generator
    ) -> [UInt8] {
        func below(_ bound: Int) -> Int { Int((random.next() >> 33) % UInt64(bound)) }
        var text = seeds[below(seeds.count)]
        for _ in 0...below(4) {
            let place = below(text.count + 1)
            switch below(4) {
            case 0: if place < text.count { text[place] = UInt8(below(256)) }
            case 1: text.insert(contentsOf: pieces[below(pieces.count)], at: place)
            case 2: if place < text.count { text.remove(at: place) }
            default: text.replaceSubrange(place..., with: seeds[below(seeds.count)].suffix(9))
            }
        }
        return text
    }
}
