import Backends
import Conformance
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemoryInventoryTests {
    static let conformance = InventoryConformance { MemoryMetadata() }

    @Test("every row comes once, page by page, in three orders")
    func pages() async throws { try await Self.conformance.pages() }

    @Test("what one database gives another takes, once or twice")
    func moving() async throws { try await Self.conformance.moving() }

    @Test("a row goes by what was read of it, and not when it was used or stored since")
    func removal() async throws { try await Self.conformance.removal() }

    @Test("many rows go at once, and of their bodies those that nobody else has")
    func removalOfMany() async throws { try await Self.conformance.removalOfMany() }

    @Test("a pin that is there holds, and a row that was validated later stays")
    func conflicts() async throws { try await Self.conformance.conflicts() }
}
