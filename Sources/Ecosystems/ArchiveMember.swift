/// Where an artifact can be had from when its upstream announces it and has it not: it is a file
/// inside another artifact, which is a zip archive.
package struct ArchiveMember: Sendable {
    /// The name of the artifact that holds it.
    package let archive: String
    /// Whether a path inside the archive, as bytes, is the wanted one.
    ///
    /// Where it says so of several paths, none is taken.
    package let isWanted: @Sendable (ArraySlice<UInt8>) -> Bool

    package init(
        archive: String, where isWanted: @escaping @Sendable (ArraySlice<UInt8>) -> Bool
    ) {
        self.archive = archive
        self.isWanted = isWanted
    }
}
