import Ecosystems
import HTTPModel
import NPM
import Resources

/// npm's packuments of 45 MB, in pieces of 64 KiB as they come: rewritten and read on one core.
///
/// Rates are bytes of the upstream's document by seconds of this thread on a core.
struct PackumentBenchmark: Benchmark {
    let name = "npm-packument"

    private static let pieceByteCount = 65_536

    func run() throws -> [Figure] {
        let registry = SampleRegistry.registry
        guard let url = AbsoluteURL(registry), let upstream = NPMUpstream(registry: url) else {
            throw BenchmarkFault(description: "the sample registry has no URL")
        }
        let own = NPMAdapter(mount: [], upstream: upstream)
        let adapter = NPMAdapter(mount: ["npm"], upstream: upstream)
        let head = DocumentHead(
            name: SampleRegistry.package, contentType: "application/json", url: url)
        let base = PublicBase(scheme: .http, authority: "127.0.0.1:8080", prefix: "")
        let full = SampleRegistry.packument(isAbbreviated: false)
        let short = SampleRegistry.packument(isAbbreviated: true)
        let identity = own.rewriter(
            of: head, as: Variant(PackumentVariant.full.name, base: PublicBase(url)))
        try check(identity, keeps: full)
        return [
            try rate("rewrite, same URLs", full, identity, goal: .atLeast(600)),
            try rate("rewrite", full, adapter.rewriter(of: head, as: variant(.full, base))),
            try rate(
                "rewrite an abbreviated document", short,
                adapter.rewriter(of: head, as: variant(.full, base)), goal: .atLeast(600)),
            try rate(
                "abbreviate", full, adapter.rewriter(of: head, as: variant(.abbreviated, base))),
            try rate(
                "one version", full,
                adapter.rewriter(of: head, as: variant(.manifest("latest"), base))),
            try reading(full, adapter, head),
        ]
    }

    private func variant(_ form: PackumentVariant, _ base: PublicBase) -> Variant {
        Variant(form.name, base: base)
    }

    private func rate(
        _ what: String, _ pieces: [[UInt8]], _ rewriter: any DocumentRewriter,
        goal: Figure.Goal? = nil
    ) throws -> Figure {
        var output: [UInt8] = []
        output.reserveCapacity(4 * Self.pieceByteCount)
        let rounds = try Stopwatch.processorTime(rounds: 20, within: 2) {
            var rewriter = rewriter
            for piece in pieces {
                try rewriter.take(piece, into: &output)
                output.removeAll(keepingCapacity: true)
            }
            _ = try rewriter.finish(into: &output)
        }
        return Figure(what, megabytes(pieces) / rounds.median, "MB/s", goal: goal)
    }

    private func reading(
        _ pieces: [[UInt8]], _ adapter: NPMAdapter, _ head: DocumentHead
    ) throws -> Figure {
        let rounds = try Stopwatch.processorTime(rounds: 10, within: 2) {
            var intake = adapter.intake(of: head)
            for piece in pieces { try intake.take(piece) }
            guard try !intake.finish().isEmpty else {
                throw BenchmarkFault(description: "the sample document names no file")
            }
        }
        return Figure("check and read the facts", megabytes(pieces) / rounds.median, "MB/s")
    }

    private func check(_ rewriter: any DocumentRewriter, keeps pieces: [[UInt8]]) throws {
        var rewriter = rewriter
        for piece in pieces {
            var output: [UInt8] = []
            try rewriter.take(piece, into: &output)
            // A URL that is cut stays out until its end is there.
            guard output.isEmpty || abs(output.count - piece.count) < 1_000 else {
                throw BenchmarkFault(description: "the document does not stay as it is")
            }
        }
    }

    private func megabytes(_ pieces: [[UInt8]]) -> Double {
        Double(pieces.reduce(0) { $0 + $1.count }) / 1e6
    }
}

/// A registry that nobody has, with one package of very many versions.
enum SampleRegistry {
    static let registry = "https://registry.example/"
    static let package = "sample"

    /// A compact packument of 45 MB, cut into pieces of 64 KiB.
    ///
    /// Its versions are shaped as those of a library with some twenty dependencies: about 6 kB each
    /// in full, and 2 kB abbreviated.
    static func packument(isAbbreviated: Bool) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = Array(
            #"{"_id":"sample","name":"sample","dist-tags":{"latest":"1.0.9"},"versions":{"#.utf8)
        var total = 0
        var number = 0
        while total < 45_000_000 {
            let text = version(number, isAbbreviated: isAbbreviated)
            rest += Array("\(number == 0 ? "" : ",")\"1.0.\(number)\":\(text)".utf8)
            total += text.utf8.count
            number += 1
            flush(&rest, into: &pieces)
        }
        rest += Array(#"},"time":{"modified":"2026-10-10T12:34:56.789Z""#.utf8)
        for index in 0..<number {
            rest += Array(#","1.0.\#(index)":"2026-10-10T12:34:56.789Z""#.utf8)
            flush(&rest, into: &pieces)
        }
        rest += Array("}}".utf8)
        return pieces + [rest]
    }

    private static func flush(_ rest: inout [UInt8], into pieces: inout [[UInt8]]) {
        while rest.count >= 65_536 {
            pieces.append(Array(rest[..<65_536]))
            rest.removeFirst(65_536)
        }
    }

    private static func version(_ number: Int, isAbbreviated: Bool) -> String {
        let names = [
            "acorn", "buffer-from", "chalk", "date-time", "eslint", "fs-extra", "is-reference",
            "magic",
            "pretty-bytes", "remap-istanbul", "require-relative", "rollup-plugin-buble", "sander",
            "source-map", "sourcemap-codec", "string-hash", "terser", "typescript", "uglify-js",
        ]
        let dependencies = names.map { #""\#($0)":"^\#(number % 9).\#($0.utf8.count).2""# }
            .joined(separator: ",")
        let digits = String(repeating: "0123456789abcdef", count: 3).prefix(40)
        let base64 = String(repeating: "Aa0+/Zz9", count: 11).prefix(86)
        let dist =
            #"{"integrity":"sha512-\#(base64)==","shasum":"\#(digits)","#
            + #""tarball":"\#(registry)sample/-/sample-1.0.\#(number).tgz","fileCount":\#(number),"#
            + #""unpackedSize":\#(number * 977),"signatures":[{"keyid":"SHA256:jl3bwswu80Pjj","#
            + #""sig":"MEUCIQ\#(base64)"}]}"#
        let short =
            #""name":"sample","version":"1.0.\#(number)","devDependencies":{\#(dependencies)},"#
            + #""bin":{"sample":"bin/sample"},"engines":{"node":">=0.12.0"},"dist":\#(dist)"#
        guard !isAbbreviated else { return "{\(short)}" }
        let person = #"{"name":"A. Person","email":"person@registry.example"}"#
        let people = Array(repeating: person, count: 24).joined(separator: ",")
        let files = names.map { #""dist/\#($0).es.js""# }.joined(separator: ",")
        return #"{\#(short),"description":"Next-generation ES module bundler","main":"dist/a.js","#
            + #""scripts":{"build":"git rev-parse HEAD > .commithash && sample -c","test":"mocha"},"#
            + #""repository":{"type":"git","url":"git+https://git.example/sample/sample.git"},"#
            + #""license":"MIT","files":[\#(files)],"maintainers":[\#(people)],"#
            + #""readme":"Sample\n\nText with \"quotes\" and caf\u00e9.\n","_npmUser":\#(person),"#
            + #""dependencies":{\#(dependencies)},"directories":{},"_hasShrinkwrap":false}"#
    }
}
