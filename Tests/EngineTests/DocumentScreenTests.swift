import Ecosystems
import Policy
import Testing

@testable import Engine

@Suite struct DocumentScreenTests {
    @Test("what a screen hides goes with its tag, whatever is adopted before it is asked")
    func edition() throws {
        let book = PolicySweepTests.book()
        for ecosystem in ["npm", "helm"] {
            let strict = try PolicySweepTests.rules(
                "block: [{package: \"\(ecosystem):bad\", reason: x}]")
            book.adopt(strict)
            let one = try #require(DocumentScreen(of: "bad", ecosystem, by: book.edition))
            let all = try #require(DocumentScreen(ofAll: ecosystem, by: book.edition))
            book.adopt(PolicyRules())
            let release = Release(package: "bad", version: "1.0.0")
            for screen in [one, all] {
                #expect(screen.ruling(on: release, at: 0).verdict.refusal?.rule == .blocked)
            }
            book.adopt(strict)
            #expect(DocumentScreen(of: "bad", ecosystem, by: book.edition)?.tag == one.tag)
            #expect(DocumentScreen(ofAll: ecosystem, by: book.edition)?.tag == all.tag)
        }
    }
}
