/// What one YAML text may cost; a text that passes one of them is refused with ``YAMLError``.
package struct YAMLLimits: Equatable, Sendable {
    package var bytes: Int
    package var events: Int

    /// Sequences and mappings open at once.
    package var depth: Int

    /// Bytes that may pass between two events: a scalar, or the white space and comments before one.
    ///
    /// Held to within 64 KiB, since libyaml reads ahead.
    package var stretch: Int

    /// The defaults suit a configuration file: 1 MiB, 100,000 events, 64 levels.
    package init(
        bytes: Int = 1 << 20, events: Int = 100_000, depth: Int = 64, stretch: Int = 1 << 20
    ) {
        self.bytes = bytes
        self.events = events
        self.depth = depth
        self.stretch = stretch
    }
}
