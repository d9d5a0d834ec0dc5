internal import CLinux

/// One descriptor that is kept back, so that a connection can be refused when all others are used.
///
/// Belongs to one thread.
package struct ReserveDescriptor: ~Copyable {
    private var spare: FileDescriptor?

    package init() {
        spare = Self.open()
    }

    /// Runs `body` with the spare descriptor free for it, then takes it back if it can.
    package mutating func lend(_ body: () -> Void) {
        spare = nil
        body()
        spare = Self.open()
    }

    private static func open() -> FileDescriptor? {
        let number = unsafe shim_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        return number < 0 ? nil : FileDescriptor(owning: number)
    }
}
