import Conformance
import Linux
import SQLiteStore
import Testing

@Suite(.timeLimit(.minutes(5))) final class SQLiteMetadataTests {
    let folder = ScratchFolder()

    var conformance: MetadataConformance {
        MetadataConformance { [folder] in
            try SQLiteMetadata(folder: folder.path, name: SystemRandom.hexadecimal(byteCount: 8))
        }
    }

    @Test("responses come back as they were stored")
    func responses() async throws { try await conformance.responses() }

    @Test("a 304 freshens the body that is stored, and no other (RFC 9111 section 4.3.4)")
    func freshening() async throws { try await conformance.freshening() }

    @Test("totals follow every change")
    func totals() async throws { try await conformance.totals() }

    @Test("what was used longest ago comes first")
    func leastRecentlyUsed() async throws { try await conformance.leastRecentlyUsed() }

    @Test("a body is referenced as long as one response has it")
    func references() async throws { try await conformance.references() }

    @Test("facts are of the newest document, and go with it")
    func facts() async throws { try await conformance.facts() }

    @Test("a document ends what its parts said")
    func factsOfParts() async throws { try await conformance.factsOfParts() }

    @Test("facts of two upstreams do not mix")
    func factsOfTwoUpstreams() async throws { try await conformance.factsOfTwoUpstreams() }

    @Test("the earliest publication among the files of a document")
    func earliestPublication() async throws { try await conformance.earliestPublication() }

    @Test("the first pin holds (rule I3)")
    func pins() async throws { try await conformance.pins() }

    @Test("events come back newest first")
    func events() async throws { try await conformance.events() }

    @Test("many writers at once")
    func manyWriters() async throws { try await conformance.manyWriters() }

    @Test("an acceptance is taken once, before its end")
    func acceptances() async throws { try await conformance.acceptances() }

    @Test("a list of malware takes the place of the one that was read")
    func malwareLists() async throws { try await conformance.malwareLists() }

    @Test("what is held back now is found")
    func heldBack() async throws { try await conformance.heldBack() }

    @Test("the renderings of a document's bytes are found")
    func renderings() async throws { try await conformance.renderings() }

    @Test("changes come in their order, in batches")
    func changes() async throws { try await conformance.changes() }

    @Test("old changes go, and who missed them is told")
    func oldChanges() async throws { try await conformance.oldChanges() }

    @Test("a reader of the log misses nothing while many write")
    func changesOfManyWriters() async throws { try await conformance.changesOfManyWriters() }

    @Test("a purge is one transaction: rows, facts, acceptance, changes")
    func purges() async throws { try await conformance.purges() }

    @Test("what is wanted is stale, and nothing else of it changes")
    func wants() async throws { try await conformance.wants() }

    @Test("a drill holds from its start to its end")
    func drills() async throws { try await conformance.drills() }

    @Test("an upstream has one open outage at most")
    func outages() async throws { try await conformance.outages() }

    @Test("tokens come back, and every change of them is told")
    func clientTokens() async throws { try await conformance.clientTokens() }

    @Test("uses of tokens are written in batches")
    func tokenUses() async throws { try await conformance.tokenUses() }

    @Test("of many that take one name, one gets it")
    func tokensOfManyWriters() async throws { try await conformance.tokensOfManyWriters() }
}
