internal import CLinux
internal import Synchronization

/// A file that one caller appends to while any number of others read what is there already.
///
/// The bytes live as long as ``reader`` does; whether the file has a name is up to others.
package final class GrowingFile: Sendable {
    /// The same open file, for those who follow it while it grows.
    package let reader: OpenFile
    private let written = Atomic<Int>(0)

    /// Takes over the descriptor of an empty file, which nobody else may close.
    init(owning descriptor: consuming FileDescriptor) {
        reader = OpenFile(owning: descriptor, byteCount: 0)
    }

    /// A file that exists in memory only.
    package static func memory() throws(Errno) -> GrowingFile {
        let number = try Errno.check { unsafe shim_memfd_create("larder") }
        return GrowingFile(owning: FileDescriptor(owning: number))
    }

    /// The bytes appended so far.
    package var byteCount: Int { written.load(ordering: .acquiring) }

    /// Appends all of `bytes`; may block on the disk.
    ///
    /// One caller at a time.
    ///
    /// - Throws: ``Errno/noSpace`` and other codes; ``byteCount`` then stays as it was, and the
    ///   bytes before it are as good as they were.
    package func append(_ bytes: Span<UInt8>) throws(Errno) {
        let offset = written.load(ordering: .relaxed)
        try writeAll(bytes, to: reader.descriptor, at: offset)
        written.store(offset + bytes.count, ordering: .releasing)
    }

    /// Appends all of `bytes`, as the other `append` does.
    package func append(_ bytes: [UInt8]) throws(Errno) {
        try append(bytes.span)
    }

    /// The bytes so far as a file of that length, which stays as it is while this one grows.
    package func snapshot() throws(Errno) -> OpenFile {
        let number = try Errno.check { shim_duplicate(reader.descriptor) }
        return OpenFile(owning: FileDescriptor(owning: number), byteCount: byteCount)
    }

    /// Makes the bytes durable.
    ///
    /// - Throws: A failure is final: the kernel may have dropped the bytes and would call a
    ///   second attempt a success. Discard the file.
    package func sync() throws(Errno) {
        try reader.sync()
    }
}
