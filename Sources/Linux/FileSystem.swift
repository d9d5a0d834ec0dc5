internal import CLinux

/// What a folder lies on, as far as it matters for keeping a database there.
package enum FileSystemKind: Hashable, Sendable {
    case local
    /// NFS, CIFS, FUSE and the like: no shared memory between machines, locks of unsure meaning.
    case shared(name: String)
}

extension Directory {
    /// The kind of file system that this directory lies on.
    package func fileSystemKind() throws(Errno) -> FileSystemKind {
        let status = try fileSystemStatus()
        // The magic numbers of statfs(2); f_type is signed or not, by architecture.
        switch UInt32(truncatingIfNeeded: status.f_type) {
        case 0x6969: return .shared(name: "NFS")
        case 0xFF53_4D42, 0xFE53_4D42: return .shared(name: "CIFS")
        case 0x517B: return .shared(name: "SMB")
        case 0x6573_5546: return .shared(name: "FUSE")
        case 0x0102_1997: return .shared(name: "9P")
        case 0x00C3_6400: return .shared(name: "CephFS")
        case 0x5346_414F, 0x6B41_4653: return .shared(name: "AFS")
        case 0x7375_7245: return .shared(name: "Coda")
        case 0x0BD0_0BD0: return .shared(name: "Lustre")
        case 0x4750_4653: return .shared(name: "GPFS")
        default: return .local
        }
    }

    /// The bytes that an unprivileged process may still write here.
    package func freeByteCount() throws(Errno) -> Int {
        let status = try fileSystemStatus()
        let (count, overflow) = Int(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int(status.f_bsize))
        return overflow ? .max : count
    }

    private func fileSystemStatus() throws(Errno) -> statfs {
        var status = statfs()
        try Errno.check { unsafe fstatfs(descriptor.number, &status) }
        return status
    }
}
