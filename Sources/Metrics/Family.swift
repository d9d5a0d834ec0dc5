internal import Synchronization

/// All series of one metric, by label values.
///
/// Ask for a series once and keep it: looking it up takes a lock and builds a key, using it does
/// not. At ``seriesLimit`` series every further combination of label values shares one series whose
/// labels all read `other`, so that no client can make the memory or the scrape grow.
package final class Family<Series: Instrument>: Sendable {
    package let metric: MetricName
    package let seriesLimit: Int
    private let make: @Sendable () -> Series
    private let series: Mutex<[[String]: Series]>

    init(_ metric: MetricName, seriesLimit: Int, make: @escaping @Sendable () -> Series) {
        self.metric = metric
        self.seriesLimit = seriesLimit
        self.make = make
        // A metric without labels is shown from the start, as zero.
        series = Mutex(metric.labels.isEmpty ? [[]: make()] : [:])
    }

    /// The series with these label values, in the order of the metric's labels; made when new.
    package func with(_ values: String...) -> Series {
        precondition(values.count == metric.labels.count, "one value for each label")
        return series.withLock { series in
            if let known = series[values] { return known }
            let other = metric.labels.map { _ in "other" }
            let isFull = series.count >= seriesLimit
            if isFull, let shared = series[other] { return shared }
            let new = make()
            series[isFull ? other : values] = new
            return new
        }
    }

    func render(into text: inout String) {
        let rows = series.withLock { series in series.map { ($0.key, $0.value) } }
        text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(Series.kind)\n"
        let sorted = rows.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        for (values, instrument) in sorted {
            let labels = zip(metric.labels, values).map { "\($0)=\"\(escaped($1))\"" }
            instrument.render(metric.name, labels.joined(separator: ","), into: &text)
        }
    }
}

/// The three escapes of the text format: backslash, quote and line feed.
private func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else {
        return value
    }
    var result = ""
    for scalar in value.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case "\"": result += "\\\""
        case "\n": result += "\\n"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
