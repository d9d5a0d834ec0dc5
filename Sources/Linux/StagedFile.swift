internal import CLinux
internal import Synchronization

/// A file on its way into a store: it has a random name in the staging folder until published.
///
/// One caller at a time appends; any number of others read through ``reader`` meanwhile, up to
/// the length that they were told. A staged file that is neither published nor discarded is
/// unlinked by `deinit`. Every call but ``byteCount`` may block on the disk.
package final class StagedFile: Sendable {
    /// The same open file, for those who follow it while it grows.
    package let reader: OpenFile
    private let directory: Directory
    private let name: String
    private let written = Atomic<Int>(0)
    private let hasName = Atomic<Bool>(true)

    /// Creates an empty file with a name that nobody can guess (mode 0600).
    package init(in staging: Directory) throws(Errno) {
        let name = SystemRandom.hexadecimal(byteCount: 16)
        let number = try Errno.check {
            unsafe shim_openat(
                staging.descriptor.number, name,
                O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        reader = try OpenFile(owning: FileDescriptor(owning: number), byteCount: 0)
        directory = staging
        self.name = name
    }

    deinit { discard() }

    /// The bytes appended so far.
    package var byteCount: Int { written.load(ordering: .acquiring) }

    /// Appends all of `bytes`.
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

    /// Makes the bytes durable.
    ///
    /// - Throws: A failure is final: the kernel may have dropped the bytes and would call a
    ///   second attempt a success. Discard the file.
    package func sync() throws(Errno) {
        try Errno.check { fsync(reader.descriptor) }
    }

    /// Gives the file its public name, unless that name is taken, and makes the name durable.
    ///
    /// - Returns: ``Directory/Creation/alreadyThere`` when the name was taken: what is there
    ///   stays, and this file is discarded.
    /// - Throws: The file then keeps its staging name, except when making the name durable
    ///   failed; then it is public, and the caller should remove it.
    package func publish(
        into target: Directory, as publicName: String
    ) throws(Errno) -> Directory.Creation {
        do throws(Errno) {
            try rename(to: target, publicName)
        } catch .exists {
            discard()
            return .alreadyThere
        }
        hasName.store(false, ordering: .relaxed)
        try target.sync()
        return .made
    }

    /// Unlinks the file.
    ///
    /// Those who read it can go on; once published, does nothing.
    package func discard() {
        guard hasName.exchange(false, ordering: .relaxed) else { return }
        // A failure leaves a staging file, which the next start removes.
        _ = unsafe unlinkat(directory.descriptor.number, name, 0)
    }

    private func rename(to target: Directory, _ publicName: String) throws(Errno) {
        let source = directory.descriptor.number
        let target = target.descriptor.number
        do throws(Errno) {
            try Errno.check {
                unsafe shim_rename_no_replace(source, name, target, publicName)
            }
        } catch .invalid {
            // Some file systems cannot rename without replacing; a hard link never replaces.
            try Errno.check { unsafe linkat(source, name, target, publicName, 0) }
            try Errno.check { unsafe unlinkat(source, name, 0) }
        }
    }
}
