import Backends
import Digests
import HTTPModel
import Resources
import Testing

@testable import Engine

@Suite struct ResponseIndexTests {
    private static let upstream = UpstreamIdentity(
        ecosystem: "t", name: "t", location: "https://index.example/")

    private func key(_ number: Int) -> CacheKey {
        CacheKey(.document("\(number)"), of: Self.upstream)
    }

    private func put(_ number: Int, in index: ResponseIndex) {
        index.put(
            StoredResponse(
                key: key(number), kind: .document, headers: Headers([]), body: .of([]),
                byteCount: 0, entityTag: nil, storedAt: 1, validatedAt: 1, lifetimeSeconds: 1))
    }

    private func use(_ number: Int, in index: ResponseIndex, at second: Int64) throws {
        guard case .stored(let indexed) = index.find(key(number)) else {
            Issue.record("\(number) is not in the index")
            return
        }
        indexed.use(at: second)
    }

    @Test("uses are taken once, with the last second of each")
    func uses() throws {
        let index = ResponseIndex(limit: 100)
        for number in 0..<3 { put(number, in: index) }
        #expect(index.takeUses().isEmpty)
        for second in [Int64(5), 7, 6] { try use(1, in: index, at: second) }
        try use(2, in: index, at: 9)
        #expect(index.takeUses() == [key(1): 6, key(2): 9])
        #expect(index.takeUses().isEmpty)
        try use(1, in: index, at: 8)
        #expect(index.takeUses() == [key(1): 8])
    }

    @Test("the uses of what left the index, or was replaced in it, are not lost")
    func usesOfGone() throws {
        let index = ResponseIndex(limit: 4)
        put(0, in: index)
        try use(0, in: index, at: 5)
        put(0, in: index)
        for number in 1..<9 { put(number, in: index) }
        guard case .unknown = index.find(key(0)) else {
            Issue.record("0 is still in the index")
            return
        }
        #expect(index.takeUses() == [key(0): 5])
    }

    @Test("two entries of one key count with the later use, in either order", arguments: [3, 7])
    func twoEntries(_ second: Int64) throws {
        let index = ResponseIndex(limit: 4)
        put(0, in: index)
        try use(0, in: index, at: 5)
        put(0, in: index)
        try use(0, in: index, at: second)
        #expect(index.takeUses() == [key(0): max(5, second)])
    }

    @Test("what the index drops for room is not current any more; what is in use stays")
    func turnover() throws {
        let index = ResponseIndex(limit: 4)
        func entry(_ number: Int) throws -> IndexedResponse {
            guard case .stored(let indexed) = index.find(key(number)) else {
                throw StoreError.closed
            }
            return indexed
        }
        for number in 0..<2 { put(number, in: index) }
        let (idle, used) = (try entry(0), try entry(1))
        for number in 2..<9 {
            put(number, in: index)
            #expect(try entry(1) === used)
        }
        #expect(used.isCurrent)
        #expect(!idle.isCurrent)
        index.forget(key(1))
        #expect(!used.isCurrent)
    }

    @Test("the uses kept are bounded; one that found no room is noted at the next use")
    func bounded() throws {
        let index = ResponseIndex(limit: 4)
        for number in 0..<10 {
            put(number, in: index)
            try use(number, in: index, at: 5)
        }
        #expect(index.takeUses().count == 4)
        try use(9, in: index, at: 6)
        #expect(index.takeUses() == [key(9): 6])
    }
}
