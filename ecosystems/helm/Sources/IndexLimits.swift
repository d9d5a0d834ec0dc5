/// What one index may cost; one that passes a limit is refused, and the one before it stays.
package struct IndexLimits: Sendable, Hashable {
    /// The size of the text; Flux refuses more than 50 MiB as well.
    package var bytes: Int
    package var events: Int
    /// Lists and mappings open at once.
    package var depth: Int
    /// The bytes of one scalar, with what stands before it.
    package var stretch: Int

    /// The largest index known to us has 25 MB, and about 16 bytes for each event.
    package init(
        bytes: Int = 48 << 20, events: Int = 4_000_000, depth: Int = 32, stretch: Int = 1 << 20
    ) {
        self.bytes = bytes
        self.events = events
        self.depth = depth
        self.stretch = stretch
    }
}
