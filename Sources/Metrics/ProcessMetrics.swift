/// The usual metrics of a process, read from `/proc` by somebody who may read files.
///
/// A value that cannot be read is left out. Names as Prometheus' client libraries have them.
/// Source: proc(5).
package struct ProcessMetrics: Sendable {
    /// The text of a file of `/proc`, and the number of entries of a folder there.
    package let readText: @Sendable (_ path: String) -> String?
    package let countEntries: @Sendable (_ path: String) -> Int?

    package init(
        readText: @escaping @Sendable (_ path: String) -> String?,
        countEntries: @escaping @Sendable (_ path: String) -> Int?
    ) {
        self.readText = readText
        self.countEntries = countEntries
    }

    /// USER_HZ, which Linux keeps at 100 for every architecture that Swift runs on.
    private static let ticksPerSecond: UInt64 = 100

    package func render(into text: inout String) {
        let stat = readText("/proc/self/stat").map(Self.fieldsAfterName) ?? []
        let status = readText("/proc/self/status") ?? ""
        if let user = Self.number(stat, 11), let system = Self.number(stat, 12) {
            Self.line(
                "process_cpu_seconds_total", "counter", "User and system CPU time in seconds.",
                Self.seconds(ticks: user + system), &text)
        }
        for (name, field, help) in [
            ("process_resident_memory_bytes", "VmRSS:", "Resident memory in bytes."),
            ("larder_resident_anonymous_bytes", "RssAnon:", "Resident anonymous memory in bytes."),
            ("process_virtual_memory_bytes", "VmSize:", "Virtual memory in bytes."),
        ] {
            guard let kibibytes = Self.value(field, in: status) else { continue }
            Self.line(name, "gauge", help, "\(kibibytes * 1024)", &text)
        }
        if let start = Self.number(stat, 19), let boot = bootSeconds() {
            Self.line(
                "process_start_time_seconds", "gauge",
                "Start of the process since 1970 in seconds.",
                Self.seconds(ticks: start + boot * Self.ticksPerSecond), &text)
        }
        if let count = countEntries("/proc/self/fd") {
            Self.line("process_open_fds", "gauge", "Open file descriptors.", "\(count)", &text)
        }
        let limits = readText("/proc/self/limits") ?? ""
        if let most = Self.value("Max open files", in: limits) {
            Self.line(
                "process_max_fds", "gauge", "The limit of file descriptors.", "\(most)", &text)
        }
    }

    private func bootSeconds() -> UInt64? {
        Self.value("btime", in: readText("/proc/stat") ?? "")
    }

    /// The fields of `stat` from the third on; the second, the name, may hold spaces and brackets.
    private static func fieldsAfterName(_ stat: String) -> [Substring] {
        guard let end = stat.lastIndex(of: ")") else { return [] }
        return stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
    }

    private static func number(_ fields: [Substring], _ index: Int) -> UInt64? {
        index < fields.count ? UInt64(fields[index]) : nil
    }

    /// The first number after `name` on the line that starts with it.
    private static func value(_ name: String, in text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let fields = line.dropFirst(name.count).split(whereSeparator: \.isWhitespace)
            return fields.first.flatMap { UInt64($0) }
        }
        return nil
    }

    private static func seconds(ticks: UInt64) -> String {
        let hundredths = ticks % ticksPerSecond
        return "\(ticks / ticksPerSecond).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }

    private static func line(
        _ name: String, _ kind: String, _ help: String, _ value: String, _ text: inout String
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
    }
}
