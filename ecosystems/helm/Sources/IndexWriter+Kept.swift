internal import Ecosystems

/// Entries of an older version, behind those that the index has.
extension IndexWriter where Events: ~Copyable {
    /// Writes the kept versions of a chart behind its own, but for those that it has.
    ///
    /// Returns how many.
    mutating func addVersions(of chart: String, but names: Set<String>) -> Int {
        guard options.added.has(chart), completed.insert(chart).inserted else { return 0 }
        var count = 0
        for entry in options.added.entries(of: chart) where !names.contains(entry.version) {
            separate()
            result.bytes.append(contentsOf: entry.bytes)
            count += 1
        }
        result.addedCount += count
        return count
    }

    /// Writes the charts of which the index has nothing any more, behind its own.
    ///
    /// With `toIndex` they go behind the index's other members, where it has no entries at all.
    mutating func addCharts(toIndex isMember: Bool = false) {
        let charts = options.added.charts.filter { !completed.contains($0) }
        guard !charts.isEmpty else { return }
        if isMember {
            result.bytes.removeLast()
            separate()
            result.bytes.append(contentsOf: "\"entries\":{".utf8)
        }
        for chart in charts {
            separate()
            result.bytes.append(ScalarText.quote)
            let start = result.bytes.count
            result.bytes.append(contentsOf: chart.utf8)
            ScalarText.close(&result.bytes, from: start)
            result.bytes.append(contentsOf: ":[".utf8)
            _ = addVersions(of: chart, but: [])
            result.bytes.append(UInt8(ascii: "]"))
        }
        if isMember { result.bytes.append(contentsOf: "}}".utf8) }
    }
}
