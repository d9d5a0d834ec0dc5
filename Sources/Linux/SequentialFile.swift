internal import CLinux

/// A file, a pipe or a terminal that is read from its beginning to its end.
///
/// It has one position, so one reader.
package struct SequentialFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// Opens what is at a path, `/dev/stdin` among it.
    ///
    /// - Throws: What open(2) says; of a folder ``Errno/isDirectory``.
    package init(at path: String) throws(Errno) {
        let number = try Errno.check {
            unsafe shim_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)
        }
        let opened = FileDescriptor(owning: number)
        var status = stat()
        try Errno.check { unsafe fstat(number, &status) }
        guard Int32(status.st_mode) & S_IFMT != S_IFDIR else { throw .isDirectory }
        descriptor = opened
    }

    /// The next bytes, at most `limit`, as soon as there are any; none at the end.
    package mutating func next(limit: Int) throws(Errno) -> [UInt8] {
        precondition(limit > 0)
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { room, filled in
            do throws(Errno) {
                filled = try Errno.check {
                    unsafe CLinux.read(descriptor.number, room.baseAddress, room.count)
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
