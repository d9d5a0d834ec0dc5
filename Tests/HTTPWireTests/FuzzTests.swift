import HTTPModel
import HTTPWire
import Support
import Testing

/// A small generator with a printed seed, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<bound`; cheaper than the standard one, and as good for this.
    mutating func below(_ bound: Int) -> Int { Int((next() >> 33) % UInt64(bound)) }
}

@Suite struct FuzzTests {
    /// Bytes that mean something to a reader of heads.
    static let pieces: [[UInt8]] = [
        "\r\n", "\r", "\n", "\u{0}", " ", "\t", ":", ",", ";", "0", "5", "a", "/", "%", "%2e", "..",
        "\r\n\r\n", "chunked", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Host: a\r\n", "HTTP/1.1", "HTTP/1.0", "GET ", "0\r\n\r\n", "Expect: 100-continue\r\n",
    ].map { Array($0.utf8) }

    static let seeds = RequestCorpus.rows.map(\.bytes).filter { $0.count < 120 }

    @Test(
        "H-1: a million mutated heads, half of them on each of two threads",
        .timeLimit(.minutes(10 + FuzzCount.heads / 1_000_000)))
    func million() async {
        let seed =
            FuzzCount.firstSeed > 0
            ? FuzzCount.firstSeed : FuzzCount.heads > 1_000_000 ? .random(in: 1 ... .max) : 1
        let half = max(1, FuzzCount.heads / 2)
        print("fuzz: \(2 * half) heads, LARDER_SEED=\(seed)")
        await withTaskGroup(of: Tally.self) { group in
            for worker in 0..<2 as Range<UInt64> {
                group.addTask { Self.run(half, SeededGenerator(seed: seed &+ worker)) }
            }
            var all = Tally()
            for await tally in group { all.add(tally) }
            let count = all.accepted + all.refused + all.incomplete
            #expect(count == 2 * half)
            // The mutations are worth something only when they reach all three.
            #expect(all.accepted > count / 100)
            #expect(all.refused > count / 10)
            #expect(all.incomplete > count / 100)
            #expect(all.broken == 0, "seed \(seed): \(all.example)")
        }
    }

    struct Tally: Sendable {
        var accepted = 0
        var refused = 0
        var incomplete = 0
        var broken = 0
        var example: [UInt8] = []

        mutating func add(_ other: Tally) {
            accepted += other.accepted
            refused += other.refused
            incomplete += other.incomplete
            broken += other.broken
            if example.isEmpty { example = other.example }
        }
    }

    static func run(_ count: Int, _ generator: SeededGenerator) -> Tally {
        var generator = generator
        var tally = Tally()
        for _ in 0..<count {
            let bytes = mutated(&generator)
            let verdict = MessageReader.verdict(bytes)
            switch verdict {
            case .message(let head, let end):
                tally.accepted += 1
                guard isSound(head, end, bytes, &generator) else {
                    tally.broken += 1
                    tally.example = bytes
                    continue
                }
            case .fault: tally.refused += 1
            case .incomplete: tally.incomplete += 1
            }
        }
        return tally
    }

    private static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds[generator.below(seeds.count)]
        for _ in 0...generator.below(3) {
            let place = generator.below(bytes.count + 1)
            switch generator.below(5) {
            case 0: if place < bytes.count { bytes[place] = UInt8(generator.below(256)) }
            case 1: bytes.insert(contentsOf: pieces[generator.below(pieces.count)], at: place)
            case 2: if place < bytes.count { bytes.remove(at: place) }
            case 3: bytes.removeLast(min(generator.below(8), bytes.count))
            default:
                let other = seeds[generator.below(seeds.count)]
                bytes.replaceSubrange(place..., with: other[min(place, other.count)...])
            }
        }
        return bytes
    }

    /// What must hold of every accepted message.
    private static func isSound(
        _ head: ParsedHead, _ end: Int, _ bytes: [UInt8], _ generator: inout SeededGenerator
    ) -> Bool {
        // Nothing behind the message, and no place where it is cut, changes its reading.
        let cut = generator.below(end)
        guard MessageReader.verdict(Array(bytes[..<end]), cuts: [cut]) == .message(head, end: end)
        else { return false }
        let lines = String(decoding: bytes[..<head.byteCount], as: UTF8.self).lowercased()
        let hasLength = lines.contains("\r\ncontent-length:")
        let hasCoding = lines.contains("\r\ntransfer-encoding:")
        if hasLength && hasCoding { return false }
        switch head.framing {
        case .chunked: guard hasCoding, head.version == .http11 else { return false }
        case .length(let count): guard hasLength, count > 0 else { return false }
        case .none: guard !hasCoding else { return false }
        }
        if head.version == .http11, head.request.host?.isEmpty != false { return false }
        return head.request.target.raw.hasPrefix("/")
            && !head.request.target.segments.contains { $0.text == ".." || $0.text.isEmpty }
    }
}
