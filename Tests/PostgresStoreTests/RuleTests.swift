import Backends
import Testing

@testable import PostgresStore

@Suite struct RuleTests {
    struct Retry: Sendable, CustomTestStringConvertible {
        let failure: PostgresFailure
        /// The pauses without jitter after the first, second … try.
        let pauses: [Int]
        var testDescription: String { "\(failure)" }
    }

    static let retries: [Retry] = [
        Retry(
            failure: .state(.serializationFailure),
            pauses: [10, 20, 40, 80, 160, 320, 640]),
        Retry(failure: .state(.deadlock), pauses: [10, 20, 40, 80, 160, 320, 640]),
        Retry(failure: .state(.readOnly), pauses: [100, 200, 400, 800]),
        Retry(failure: .lost, pauses: [50, 100, 200, 400]),
        Retry(failure: .state(.queryCancelled), pauses: []),
        Retry(failure: .state(.diskFull), pauses: []),
        Retry(failure: .state(SQLState(known: "23505")), pauses: []),
        Retry(failure: .unreachable(.refused), pauses: []),
        Retry(failure: .timedOut, pauses: []),
        Retry(failure: .busy, pauses: []),
        Retry(failure: .closed, pauses: []),
    ]

    @Test("what may help is tried again, ever later, and not for ever", arguments: retries)
    func retry(_ row: Retry) {
        for (index, pause) in row.pauses.enumerated() {
            #expect(RetryRule.pause(after: row.failure, tries: index + 1, jitter: 1) == pause)
            #expect(RetryRule.pause(after: row.failure, tries: index + 1, jitter: 0) == pause / 2)
        }
        #expect(RetryRule.pause(after: row.failure, tries: row.pauses.count + 1, jitter: 1) == nil)
    }

    @Test("connections are tried ever later, and at least every 2 s")
    func reconnect() {
        let pauses = (0...40).map { ReconnectRule.pause(failures: $0, jitter: 1) }
        #expect(Array(pauses.prefix(7)) == [0, 100, 200, 400, 800, 1600, 2000])
        #expect(pauses.dropFirst(7).allSatisfy { $0 == 2000 })
        #expect(ReconnectRule.pause(failures: 3, jitter: 0) == 200)
    }

    struct Saying: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: ConnectFault
        var testDescription: String { text }
    }

    private static let start =
        "connection to server at \"db.example\" (10.0.0.7), port 5432 failed: "

    static let sayings: [Saying] = [
        Saying(text: start + "FATAL:  28P01\n", expected: .denied),
        Saying(text: start + "FATAL:  28000\n", expected: .denied),
        Saying(text: start + "FATAL:  3D000\n", expected: .noDatabase),
        Saying(text: start + "FATAL:  57P03\n", expected: .notReady),
        Saying(text: start + "FATAL:  53300\n", expected: .notReady),
        Saying(text: start + "FATAL:  08P01\n", expected: .broken),
        Saying(text: start + "FATAL:  42501\n", expected: .unusable),
        Saying(text: start + "Connection refused\n\tIs the server running?\n", expected: .refused),
        Saying(
            text: "could not translate host name \"x\" to address: Name or service not known\n",
            expected: .unknownHost),
        Saying(
            text: start + "SSL error: certificate verify failed\n", expected: .untrusted),
        Saying(
            text: start + "server certificate for \"a\" does not match host name \"b\"\n",
            expected: .untrusted),
        Saying(text: start + "fe_sendauth: no password supplied\n", expected: .denied),
        Saying(text: start + "session is read-only\n", expected: .notReady),
        Saying(
            text: start + "server closed the connection unexpectedly\n\tThis probably means …\n",
            expected: .broken),
        Saying(text: "", expected: .unusable),
    ]

    @Test("what libpq says is sorted into what an operator can act on", arguments: sayings)
    func faults(_ row: Saying) {
        #expect(ConnectFault(libraryText: row.text) == row.expected)
    }

    @Test("arrays are as the server reads them")
    func arrays() {
        let none = PostgresValue.byteStrings([]).encoded
        #expect(none == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17])
        let three = PostgresValue.byteStrings([[1, 2], nil, []]).encoded
        #expect(
            three == [
                0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 17, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 255,
                255, 255, 255, 0, 0, 0, 0,
            ])
        #expect(
            PostgresValue.integers([-2]).encoded?.suffix(12)
                == [0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254])
    }
}
