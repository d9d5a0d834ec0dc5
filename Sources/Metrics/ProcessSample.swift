/// What the process uses, as somebody who may ask the kernel found it for one scrape.
package struct ProcessSample: Equatable, Sendable {
    package var processorTime: Duration
    package var residentBytes: Int
    package var anonymousBytes: Int
    package var openDescriptors: Int
    package var descriptorLimit: Int
    /// Since 1970.
    package var startSeconds: Int

    package init(
        processorTime: Duration, residentBytes: Int, anonymousBytes: Int, openDescriptors: Int,
        descriptorLimit: Int, startSeconds: Int
    ) {
        self.processorTime = processorTime
        self.residentBytes = residentBytes
        self.anonymousBytes = anonymousBytes
        self.openDescriptors = openDescriptors
        self.descriptorLimit = descriptorLimit
        self.startSeconds = startSeconds
    }
}

extension ProcessSample {
    /// Appends the usual metrics of a process, named as in Prometheus' client libraries.
    ///
    /// Source: <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>
    package func render(into text: inout String) {
        let milliseconds = max(processorTime / .milliseconds(1), 0)
        let rows: [(name: String, kind: String, help: String, value: String)] = [
            (
                "process_cpu_seconds_total", "counter", "User and system CPU time in seconds.",
                "\(milliseconds / 1000)"
            ),
            (
                "process_resident_memory_bytes", "gauge", "Resident memory in bytes.",
                "\(residentBytes)"
            ),
            (
                "process_resident_anonymous_memory_bytes", "gauge",
                "Resident memory in bytes that belongs to no file.", "\(anonymousBytes)"
            ),
            ("process_open_fds", "gauge", "Open file descriptors.", "\(openDescriptors)"),
            ("process_max_fds", "gauge", "The limit of file descriptors.", "\(descriptorLimit)"),
            (
                "process_start_time_seconds", "gauge",
                "Start of the process in seconds since 1970.",
                "\(startSeconds)"
            ),
        ]
        for row in rows {
            text += "# HELP \(row.name) \(row.help)\n# TYPE \(row.name) \(row.kind)\n"
            text += "\(row.name) \(row.value)\n"
        }
    }
}
