internal import CLinux

extension Directory {
    /// The names in this directory, without `.` and `..`, in no particular order.
    ///
    /// All of them at once: for folders of a bounded number of names, such as one shard.
    package func names() throws(Errno) -> [String] {
        let copy = try Errno.check {
            unsafe shim_openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard let stream = unsafe fdopendir(copy) else {
            let error = Errno.last
            _ = close(copy)
            throw error
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // The kernel ends d_name with a zero byte.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
