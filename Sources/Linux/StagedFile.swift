internal import CLinux
internal import Synchronization

/// A file on its way into a store: it has a random name in the staging folder until published.
///
/// A staged file that is neither published nor discarded is unlinked by `deinit`. Every call may
/// block on the disk.
package final class StagedFile: Sendable {
    /// The bytes and their reader.
    package let file: GrowingFile
    private let directory: Directory
    private let name: String
    private let hasName = Atomic<Bool>(true)

    /// Creates an empty file with a name that nobody can guess (mode 0600).
    package init(in staging: Directory) throws(Errno) {
        let name = SystemRandom.hexadecimal(byteCount: 16)
        let number = try Errno.check {
            unsafe shim_openat(
                staging.descriptor.number, name,
                O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        file = GrowingFile(owning: FileDescriptor(owning: number))
        directory = staging
        self.name = name
    }

    deinit { discard() }

    /// Opens the finished file anew, for reading only and with its length.
    package func reopened() throws(Errno) -> OpenFile {
        try OpenFile(in: directory, named: name)
    }

    /// Gives the file its public name, unless that name is taken.
    ///
    /// Durable only after ``Directory/sync()`` of `target`.
    ///
    /// - Returns: ``Directory/Creation/alreadyThere`` when the name was taken: what is there
    ///   stays, and so does this file under its staging name.
    /// - Throws: The file then keeps its staging name.
    package func publish(
        into target: Directory, as publicName: String
    ) throws(Errno) -> Directory.Creation {
        do throws(Errno) {
            try rename(to: target, publicName)
        } catch .exists {
            return .alreadyThere
        }
        hasName.store(false, ordering: .relaxed)
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
