internal import CLinux
internal import Synchronization

/// An open file that many answers read from at once, each by its own offset.
///
/// The descriptor and the mapping live as long as the last reference. Reading never moves a
/// shared position, so no lock is needed.
@safe package final class OpenFile: Sendable {
    /// The longest file that counts as short: small enough to be read in one go.
    package static let largestShortByteCount = 262_144
    /// The longest file whose bytes stay mapped: a copy out of the mapping, on this side of the socket,
    /// costs less than lending pages to it by `sendfile`, and takes the copy of cold memory off the reader.
    package static let largestMappedByteCount = 64 << 20
    /// What all files that are not short may have mapped at a time; their page tables are 1/512 of it.
    package static let mostMappedByteCount = 4 << 30
    private static let mappedByteCount = Atomic<Int>(0)

    /// The length when it was opened; for the reader of a staged file, that is 0.
    package let byteCount: Int
    private let owner: FileDescriptor
    /// The address where the bytes are mapped, for reading only, until deinit; below that one of
    /// ``Mapping``.
    private let mapping = Atomic<UInt>(Mapping.never)

    private enum Mapping {
        /// Nobody has asked for the bytes.
        static let never: UInt = 0
        /// Asked for once: a file that is sent once costs more to map than to send.
        static let asked: UInt = 1
        /// Too long or empty, or the kernel gives no further mapping.
        static let none: UInt = 2
        static let leastAddress: UInt = 3
    }

    /// The number, for `sendfile` and the like in this module.
    ///
    /// Valid as long as this object is referenced.
    var descriptor: Int32 { owner.number }

    /// Takes over `descriptor`, which nobody else may close.
    init(owning descriptor: consuming FileDescriptor, byteCount: Int) {
        owner = descriptor
        self.byteCount = byteCount
    }

    /// Opens `name` in `directory` for reading.
    ///
    /// - Throws: ``Errno/noEntry`` when there is none; ``Errno/symbolicLinkLoop`` for a symbolic
    ///   link, since nothing of ours is one.
    package convenience init(in directory: Directory, named name: String) throws(Errno) {
        let number = try Errno.check {
            unsafe shim_openat(
                directory.descriptor.number, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        }
        let descriptor = FileDescriptor(owning: number)
        var status = stat()
        try Errno.check { unsafe fstat(number, &status) }
        guard Int32(status.st_mode) & S_IFMT == S_IFREG else { throw .invalid }
        self.init(owning: descriptor, byteCount: Int(status.st_size))
    }

    deinit {
        let address = mapping.load(ordering: .acquiring)
        guard address >= Mapping.leastAddress else { return }
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), byteCount)
        giveBackRoom()
    }

    /// A file that exists in memory only.
    package static func memory(_ bytes: [UInt8]) throws(Errno) -> OpenFile {
        let number = try Errno.check {
            unsafe shim_memfd_create("larder")
        }
        let descriptor = FileDescriptor(owning: number)
        try writeAll(bytes.span, to: number, at: 0)
        return OpenFile(owning: descriptor, byteCount: bytes.count)
    }

    /// Reads up to `count` bytes from `offset`; fewer only where the file ends.
    ///
    /// May block on the disk.
    package func read(at offset: Int, count: Int) throws(Errno) -> [UInt8] {
        precondition(offset >= 0 && count >= 0)
        var failure: Errno?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            while filled < count {
                do throws(Errno) {
                    let rest = unsafe UnsafeMutableBufferPointer(rebasing: room[filled...])
                    let start = off_t(offset + filled)
                    let step = try Errno.check {
                        unsafe pread(descriptor, rest.baseAddress, rest.count, start)
                    }
                    if step == 0 { return }
                    filled += step
                } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Sets the time of its last change to now, unless the name leads elsewhere or nowhere by now.
    ///
    /// Waits for ``Directory/remove(_:untouchedSince:)`` of the same file, so that either the file
    /// stays, or this says that it has gone.
    ///
    /// - Returns: Whether `name` in `directory` is this very file, with the new time.
    package func touch(asNamed name: String, in directory: Directory) throws(Errno) -> Bool {
        let number: Int32
        do throws(Errno) {
            // Opened anew: a lock belongs to what was opened, and others may lock this one, too.
            number = try Errno.check {
                unsafe shim_openat(
                    directory.descriptor.number, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
            }
        } catch .noEntry {
            return false
        }
        // Closing it, at the end, gives the lock back.
        let file = FileDescriptor(owning: number)
        try Errno.check { flock(file.number, LOCK_SH) }
        guard try directory.names(name, file.number), try directory.names(name, descriptor) else {
            return false
        }
        try Errno.check { futimens(file.number, nil) }
        return true
    }

    /// Makes the bytes durable; may block on the disk for long.
    package func sync() throws(Errno) {
        try Errno.check { fsync(descriptor) }
    }

    /// Lends bytes of a file, without copying.
    ///
    /// The first use is only noted, the second maps the file: what is sent once and then not for long
    /// costs less by `sendfile` than a mapping does, with its faults and its end. Reading them may block on
    /// the disk; where the disk fails, that is an error for the kernel (`EFAULT`), and a signal (`SIGBUS`)
    /// for this process.
    ///
    /// - Parameters:
    ///   - range: Within `0..<byteCount`.
    ///   - isNewUse: Whether this call is a use, and not the next step of one.
    ///   - body: Runs at once, on this thread.
    /// - Returns: What `body` returns; `nil` in the first use, and when the file is empty or too long, or
    ///   there is no room for it, or the kernel does not map it.
    package func withBytes<Result>(
        _ range: Range<Int>, isNewUse: Bool = true, _ body: (Span<UInt8>) -> Result
    ) -> Result? {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        let address = isNewUse ? mapAtSecondUse() : mappedAddress
        guard let start = unsafe UnsafeRawPointer(bitPattern: address) else { return nil }
        // The mapping has byteCount bytes, and self keeps it for the length of the call.
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
        return unsafe bytes.withMemoryRebound(to: UInt8.self) { bytes in
            body(unsafe Span(_unsafeElements: bytes).extracting(range))
        }
    }

    /// Zero when there is none, or not yet.
    private var mappedAddress: UInt {
        let seen = mapping.load(ordering: .acquiring)
        return seen < Mapping.leastAddress ? 0 : seen
    }

    /// The same, in a new use of the file.
    private func mapAtSecondUse() -> UInt {
        let seen = mapping.load(ordering: .acquiring)
        guard seen < Mapping.leastAddress else { return seen }
        guard seen != Mapping.none else { return 0 }
        guard seen == Mapping.asked else {
            let next =
                (1...Self.largestMappedByteCount).contains(byteCount)
                ? Mapping.asked : Mapping.none
            _ = mapping.compareExchange(expected: seen, desired: next, ordering: .relaxed)
            return 0
        }
        // In a later use there may be room again.
        guard takeRoom() else { return 0 }
        guard let start = unsafe shim_map_readable(descriptor, byteCount) else {
            giveBackRoom()
            _ = mapping.compareExchange(
                expected: seen, desired: Mapping.none, ordering: .relaxed)
            return 0
        }
        let address = UInt(bitPattern: start)
        let (isOurs, current) = mapping.compareExchange(
            expected: seen, desired: address, ordering: .acquiringAndReleasing)
        if isOurs { return address }
        // Another thread came first.
        unsafe munmap(start, byteCount)
        giveBackRoom()
        return current >= Mapping.leastAddress ? current : 0
    }

    /// Whether this file may be mapped beside those that are.
    private func takeRoom() -> Bool {
        guard byteCount > Self.largestShortByteCount else { return true }
        let sum = Self.mappedByteCount.wrappingAdd(byteCount, ordering: .relaxed).newValue
        if sum <= Self.mostMappedByteCount { return true }
        giveBackRoom()
        return false
    }

    private func giveBackRoom() {
        guard byteCount > Self.largestShortByteCount else { return }
        Self.mappedByteCount.wrappingSubtract(byteCount, ordering: .relaxed)
    }
}

/// Writes all of `bytes` at `offset`, in as many steps as the kernel wants.
func writeAll(_ bytes: Span<UInt8>, to descriptor: Int32, at offset: Int) throws(Errno) {
    var written = 0
    while written < bytes.count {
        let rest = bytes.extracting(written..<bytes.count)
        let start = off_t(offset + written)
        let step = try Errno.check {
            unsafe rest.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, $0.count, start)
            }
        }
        // A regular file never takes zero bytes; without this the loop would not end.
        if step == 0 { throw .inputOutput }
        written += step
    }
}
