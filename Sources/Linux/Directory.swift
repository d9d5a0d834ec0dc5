internal import CLinux

/// An open directory: the point from which the names of files in it are looked up.
///
/// Names are relative and may contain slashes (`ab/cd/…`), never come from a peer, and are looked
/// up without following the directory's own path again. Every call may block on the disk.
package final class Directory: Sendable {
    let descriptor: FileDescriptor

    private init(owning descriptor: Int32) {
        self.descriptor = FileDescriptor(owning: descriptor)
    }

    /// Opens an existing directory.
    package static func open(_ path: String) throws(Errno) -> Directory {
        Directory(owning: try openDirectory(AT_FDCWD, path))
    }

    /// Opens a directory, after making it and the missing ones above it (mode 0700).
    package static func openOrMake(_ path: String) throws(Errno) -> Directory {
        do throws(Errno) {
            return try open(path)
        } catch .noEntry {
            let parent = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) }
            if let parent, !parent.isEmpty { _ = try openOrMake(parent) }
            if try make(AT_FDCWD, path) == .made, let parent {
                try open(parent.isEmpty ? "/" : parent).sync()
            }
            return try open(path)
        }
    }

    /// Opens a directory below this one.
    package func subdirectory(_ name: String) throws(Errno) -> Directory {
        Directory(owning: try Self.openDirectory(descriptor.number, name))
    }

    /// What a call that makes or publishes something found under the name.
    package enum Creation: Hashable, Sendable {
        case made
        case alreadyThere
    }

    /// Makes a directory below this one (mode 0700).
    ///
    /// Durable only after ``sync()``.
    @discardableResult
    package func makeSubdirectory(_ name: String) throws(Errno) -> Creation {
        try Self.make(descriptor.number, name)
    }

    /// Unlinks a file.
    ///
    /// - Throws: ``Errno/noEntry`` when there is none.
    package func remove(_ name: String) throws(Errno) {
        try Errno.check { unsafe unlinkat(descriptor.number, name, 0) }
    }

    /// Removes an empty directory.
    package func removeSubdirectory(_ name: String) throws(Errno) {
        try Errno.check { unsafe unlinkat(descriptor.number, name, AT_REMOVEDIR) }
    }

    /// Moves a file into `target`, taking the place of a file with that name.
    package func move(
        _ name: String, into target: Directory, as newName: String
    ) throws(Errno) {
        try Errno.check {
            unsafe renameat(descriptor.number, name, target.descriptor.number, newName)
        }
    }

    /// The size of a file in bytes.
    package func byteCount(of name: String) throws(Errno) -> Int {
        var status = stat()
        try Errno.check {
            unsafe fstatat(descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        return Int(status.st_size)
    }

    /// The size of a file in bytes, and when it was last changed, in seconds since 1970.
    package func state(of name: String) throws(Errno) -> (byteCount: Int, changedAt: Int64) {
        var status = stat()
        try Errno.check {
            unsafe fstatat(descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        return (Int(status.st_size), Int64(status.st_mtim.tv_sec))
    }

    /// Unlinks a file unless it was changed or touched at `moment` (seconds since 1970) or later.
    ///
    /// Who touches it at the same time (``OpenFile/touch(asNamed:in:)``) either keeps it here or is
    /// told that it has gone.
    ///
    /// - Returns: Whether it is gone now.
    package func remove(_ name: String, untouchedSince moment: Int64) throws(Errno) -> Bool {
        let number: Int32
        do throws(Errno) {
            // For writing, since network file systems give an exclusive lock to nobody else.
            number = try Errno.check {
                unsafe shim_openat(
                    descriptor.number, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0)
            }
        } catch .noEntry {
            return true
        }
        // Closing it, at the end, gives the lock back.
        let file = FileDescriptor(owning: number)
        do throws(Errno) {
            try Errno.check { flock(file.number, LOCK_EX | LOCK_NB) }
        } catch .wouldBlock {
            // Somebody touches it just now.
            return false
        }
        var status = stat()
        try Errno.check { unsafe fstat(file.number, &status) }
        guard Int64(status.st_mtim.tv_sec) < moment, try names(name, file.number) else {
            return false
        }
        try remove(name)
        return true
    }

    /// Whether a name leads to an open file.
    func names(_ name: String, _ number: Int32) throws(Errno) -> Bool {
        var (named, opened) = (stat(), stat())
        do throws(Errno) {
            try Errno.check {
                unsafe fstatat(descriptor.number, name, &named, AT_SYMLINK_NOFOLLOW)
            }
        } catch .noEntry {
            return false
        }
        try Errno.check { unsafe fstat(number, &opened) }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }

    /// Makes the names in this directory durable.
    package func sync() throws(Errno) {
        try Errno.check { fsync(descriptor.number) }
    }

    private static func openDirectory(_ base: Int32, _ path: String) throws(Errno) -> Int32 {
        try Errno.check {
            unsafe shim_openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
    }

    private static func make(_ base: Int32, _ path: String) throws(Errno) -> Creation {
        do throws(Errno) {
            try Errno.check { unsafe mkdirat(base, path, 0o700) }
            return .made
        } catch .exists {
            return .alreadyThere
        }
    }
}
