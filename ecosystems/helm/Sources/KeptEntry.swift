/// An entry that the upstream removed from its index, as it is written there.
struct KeptEntry: Sendable, Hashable {
    let chart: String
    let version: String
    let bytes: [UInt8]
}

/// Entries by their charts, which stay in the order in which they were found.
struct KeptEntries: Sendable {
    private(set) var charts: [String] = []
    private var entries: [String: [KeptEntry]] = [:]

    var isEmpty: Bool { charts.isEmpty }

    func has(_ chart: String) -> Bool { entries[chart] != nil }

    func entries(of chart: String) -> [KeptEntry] { entries[chart] ?? [] }

    mutating func append(_ entry: KeptEntry) {
        if !has(entry.chart) { charts.append(entry.chart) }
        entries[entry.chart, default: []].append(entry)
    }
}
