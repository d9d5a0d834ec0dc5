import HTTPWire
import Support
import Testing

@Suite struct CorpusTests {
    @Test("the corpus is there: every class of rule F1, several spellings each")
    func corpusSize() {
        #expect(RequestCorpus.rows.filter { $0.status != 200 }.count >= 200)
        #expect(RequestCorpus.rows.filter { $0.status == 200 }.count >= 25)
    }

    @Test("H-1: more than 80 classes, each with its source; each malformed row is of one")
    func classes() {
        #expect(RequestCorpus.classes.count > 80)
        #expect(RequestCorpus.classes.allSatisfy { !$0.members.isEmpty && !$0.source.isEmpty })
        let members = RequestCorpus.classes.flatMap { $0.members.map(\.description) }
        let malformed = RequestCorpus.rows.filter { $0.status != 200 }.map(\.description)
        #expect(members.sorted() == malformed.sorted())
    }

    @Test("H-1: verdict, RFC 9112 and rule F1", arguments: RequestCorpus.rows)
    func verdict(_ row: RequestCorpus.Row) {
        let verdict = MessageReader.verdict(row.bytes)
        #expect(verdict.status == row.status, "\(verdict)")
        if case .message(_, let end) = verdict { #expect(end == row.bytes.count) }
    }

    @Test("the same verdict wherever the bytes are cut in two", arguments: RequestCorpus.rows)
    func cutInTwo(_ row: RequestCorpus.Row) {
        let whole = MessageReader.verdict(row.bytes)
        // In a long row all places around its ends, and a sample of the middle, which repeats.
        let cuts = (0..<row.bytes.count).filter {
            $0 < 200 || $0 > row.bytes.count - 200 || $0 % 397 == 0
        }
        for cut in cuts {
            let parts = MessageReader.verdict(row.bytes, cuts: [cut])
            if parts != whole { Issue.record("cut at \(cut): \(parts), whole: \(whole)") }
        }
    }

    @Test(
        "the same verdict byte by byte",
        arguments: RequestCorpus.rows.filter { $0.bytes.count < 600 })
    func byteByByte(_ row: RequestCorpus.Row) {
        let parts = MessageReader.verdict(row.bytes, cuts: Array(0..<row.bytes.count))
        #expect(parts == MessageReader.verdict(row.bytes))
    }
}
