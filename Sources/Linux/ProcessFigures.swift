internal import CLinux

/// What the process uses now, for metrics and for tests that bound memory.
package struct ProcessFigures: Hashable, Sendable {
    /// Bytes in memory, shared file pages included (`VmRSS`).
    package let residentByteCount: Int
    /// Bytes in memory that belong to no file: heap and stacks (`RssAnon`).
    package let anonymousByteCount: Int
    package let openDescriptorCount: Int
    /// User and system time of all threads since the start.
    package let processorTime: Duration

    /// Reads the figures; some file reads in `/proc`, so for scrapes, not for every request.
    package static func now() throws(Errno) -> ProcessFigures {
        let status = try readText("/proc/self", "status")
        return ProcessFigures(
            residentByteCount: kibibytes("VmRSS:", in: status) * 1024,
            anonymousByteCount: kibibytes("RssAnon:", in: status) * 1024,
            // Two less: the folder itself, and the copy that lists it.
            openDescriptorCount: try Directory.open("/proc/self/fd").names().count - 2,
            processorTime: try usedTime())
    }

    private static func readText(_ folder: String, _ name: String) throws(Errno) -> String {
        let file = try OpenFile(in: .open(folder), named: name)
        return String(decoding: try file.read(at: 0, count: 16_384), as: UTF8.self)
    }

    private static func kibibytes(_ field: String, in status: String) -> Int {
        for line in status.split(separator: "\n") where line.hasPrefix(field) {
            let words = line.dropFirst(field.count).split { $0 == " " || $0 == "\t" }
            return words.first.flatMap { Int($0) } ?? 0
        }
        return 0
    }

    private static func usedTime() throws(Errno) -> Duration {
        var usage = rusage()
        try Errno.check { unsafe getrusage(RUSAGE_SELF.rawValue, &usage) }
        return duration(usage.ru_utime) + duration(usage.ru_stime)
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}
