import Engine
import HTTPModel
import Policy
import Support
import Testing

/// How much of documents is screened at once.
@Suite(.timeLimit(.minutes(5))) struct ScreenBudgetTests {
    @Test(
        "a document for which there is no room is refused, and room is given back",
        arguments: [0, 1])
    func room(missing: Int) async throws {
        let text = NPMBench.packument("n")
        let book = PolicySweepTests.book()
        book.adopt(
            try PolicySweepTests.rules(
                "block: [{package: \"npm:n\", versions: \"1.1.0\", reason: x}]"))
        let bench = Bench(mounts: NPMBench.mounts(), policy: book) {
            $0.screenedByteLimit = text.utf8.count - missing
        }
        bench.upstream.set(NPMBench.url(of: "n"), NPMBench.answer(text, tag: "\"1\""))
        try await Bench.run(bench) { bench in
            for accept in ["application/json", NPMBench.abbreviated] {
                let got = try await bench.get("/npm/n") { $0.accept = accept }
                #expect(got.status == (missing == 0 ? 200 : 503))
                #expect(got.field("Retry-After") == (missing == 0 ? nil : "1"))
                #expect(!got.text.contains("n-1.1.0.tgz"))
            }
            #expect(bench.engine.screenedByteCount == 0)
        }
    }
}
