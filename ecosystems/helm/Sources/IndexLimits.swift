/// What one index may cost; one that passes a limit is refused, and the one before it stays.
///
/// The defaults let the largest index pass that is known to us, 25 MB with about 16 bytes for each
/// event, and refuse any other text within a second of a core and 64 MiB.
package struct IndexLimits: Sendable, Hashable {
    /// The size of the text; Flux refuses more than 50 MiB as well.
    package var bytes: Int
    /// The size of a text that is not JSON: YAML takes five times as long to read.
    package var yamlBytes: Int
    /// What YAML's reader may meet: scalars, and beginnings and ends of lists and mappings.
    package var events: Int
    /// The versions of all charts; each costs a kilobyte of memory beside the text.
    package var entries: Int
    /// What all URLs that lead elsewhere than below the repository, or are no plain text, may weigh:
    /// their bytes, and more for what takes longer to read (``ChartPlaces``).
    package var oddURLBytes: Int
    /// The keys of one mapping, the charts for instance.
    package var keys: Int
    /// Lists and mappings open at once.
    package var depth: Int
    /// The bytes of one scalar, with what stands before it.
    package var stretch: Int

    package init(
        bytes: Int = 48 << 20, yamlBytes: Int = 32 << 20, events: Int = 1_600_000,
        entries: Int = 26_000, oddURLBytes: Int = 4 << 20, keys: Int = 50_000,
        depth: Int = 32, stretch: Int = 1 << 20
    ) {
        self.bytes = bytes
        self.yamlBytes = min(yamlBytes, bytes)
        self.events = events
        self.entries = entries
        self.oddURLBytes = oddURLBytes
        self.keys = keys
        self.depth = depth
        self.stretch = stretch
    }
}
