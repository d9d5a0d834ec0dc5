import Backends
import Dispatch
import Linux
import Testing

@Suite(.timeLimit(.minutes(5))) struct BlockingLaneTests {
    @Test("work runs in the order it came, one at a time, and gives its result or its error")
    func order() async throws {
        let lane = BlockingLane(label: "test")
        #expect(try await lane.run { () throws(StoreError) in 7 } == 7)
        await #expect(throws: StoreError.mismatch) {
            try await lane.run { () throws(StoreError) in throw .mismatch }
        }
    }

    @Test("past its limit a lane refuses, and takes work again when there is room")
    func limit() async throws {
        let lane = BlockingLane(label: "test", limit: 2)
        let gate = DispatchSemaphore(value: 0)
        let outcomes = await withTaskGroup(of: StoreError?.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do throws(StoreError) {
                        try await lane.run { () throws(StoreError) in gate.wait() }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            // Two are waiting at the gate, so the first one to come back is the one refused.
            let first = await group.next()
            gate.signal()
            gate.signal()
            var outcomes = [first ?? nil]
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes == [.busy, nil, nil])
        try await lane.run { () throws(StoreError) in }
    }

    struct Mapping: Sendable, CustomTestStringConvertible {
        let error: Errno
        let expected: StoreError
        var testDescription: String { "\(error)" }
    }

    static let mappings: [Mapping] = [
        Mapping(error: .noSpace, expected: .full),
        Mapping(error: .overQuota, expected: .full),
        Mapping(error: .fileTooLarge, expected: .full),
        Mapping(
            error: .inputOutput,
            expected: .system(operation: .write, code: Errno.inputOutput.code)),
        Mapping(
            error: .noEntry, expected: .system(operation: .write, code: Errno.noEntry.code)),
    ]

    @Test("a full disk is told apart from a broken one", arguments: mappings)
    func mapping(_ row: Mapping) {
        #expect(StoreError(row.error, in: .write) == row.expected)
    }
}
