import Testing

@testable import Engine

/// Notes of outages, of which one at a time is written, in their order.
@Suite struct OutageJournalTests {
    private func note(_ second: Int64) -> OutageNote {
        OutageNote(kind: .began, upstream: "u", second: second)
    }

    /// Writes all that waits, and says what it was; nil where somebody else writes.
    private func write(_ journal: inout OutageJournal) -> [OutageNote]? {
        guard journal.startWriting() else { return nil }
        var written: [OutageNote] = []
        while let note = journal.next() {
            written.append(note)
            journal.removeOldest()
        }
        return written
    }

    @Test("one writes, in order; what fails stays for the next one")
    func order() {
        var journal = OutageJournal()
        let nothing = write(&journal)
        #expect(nothing == nil)
        for second in 1...3 { journal.append(note(Int64(second))) }
        let isMine = journal.startWriting()
        let other = write(&journal)
        #expect(isMine && other == nil, "there is one writer")
        let first = journal.next()
        journal.removeOldest()
        // The next one fails.
        let second = journal.next()
        journal.stopWriting()
        #expect(first == note(1) && second == note(2))
        journal.append(note(4))
        let rest = write(&journal)
        #expect(rest == [note(2), note(3), note(4)])
        journal.append(note(5))
        let last = write(&journal)
        #expect(last == [note(5)], "the writer before has ended")
    }

    @Test("it does not grow without end")
    func limit() {
        var journal = OutageJournal()
        for second in 0..<Int64(OutageJournal.limit + 10) { journal.append(note(second)) }
        let written = write(&journal)
        #expect(written?.count == OutageJournal.limit)
    }
}
