import Backends
import Conformance
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SharingTests {
    private static let conformance = SharingConformance { MemoryMetadata() }

    @Test("R-4: a version takes the place of the one it was judged by, and of no other (rule M4)")
    func replacing() async throws { try await Self.conformance.replacing() }

    @Test("other servers are told of changes")
    func telling() async throws { try await Self.conformance.telling() }

    @Test("R-4: of many that began with the same version, one is stored")
    func racing() async throws { try await Self.conformance.racing() }

    /// Moves by hand.
    private final class Clock: TimeSource {
        private let nanoseconds = Mutex<UInt64>(1)

        var now: Int64 { 0 }
        var uptimeNanoseconds: UInt64 { nanoseconds.withLock { $0 } }
        func sleep(for duration: Duration) async { nanoseconds.withLock { $0 += 200_000_000 } }
    }

    private static func leases() -> LeaseConformance {
        let clock = Clock()
        return LeaseConformance {
            MemoryLeases(time: clock)
        } pause: {
            await clock.sleep(for: .zero)
        }
    }

    @Test("a lease has one holder, until it lets go")
    func holding() async throws { try await Self.leases().holding() }

    @Test("the lease of a holder that is gone is another one's when it ends")
    func takingOver() async throws { try await Self.leases().takingOver() }

    @Test("a renewed lease lasts")
    func renewing() async throws { try await Self.leases().renewing() }

    @Test("of many that ask for a lease at once, one holds it")
    func racingForLeases() async throws { try await Self.leases().racing() }
}
