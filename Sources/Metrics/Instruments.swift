internal import Synchronization

/// One time series: something that is counted or measured under fixed label values.
package protocol Instrument: AnyObject, Sendable {
    /// The word after `# TYPE`.
    static var kind: String { get }

    /// Appends this series' lines; `labels` is `a="b",c="d"` or empty.
    func render(_ name: String, _ labels: String, into text: inout String)
}

/// A number that only grows; one relaxed atomic addition for each count.
package final class Counter: Instrument {
    package static let kind = "counter"
    private let total = Atomic<UInt64>(0)

    package func add(_ amount: Int = 1) {
        precondition(amount >= 0, "a counter never goes down")
        total.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    package var value: UInt64 { total.load(ordering: .relaxed) }

    package func render(_ name: String, _ labels: String, into text: inout String) {
        text += "\(series(name, labels)) \(value)\n"
    }
}

/// A number that goes up and down.
package final class Gauge: Instrument {
    package static let kind = "gauge"
    private let current = Atomic<Int>(0)

    package func add(_ amount: Int) { current.wrappingAdd(amount, ordering: .relaxed) }

    package func set(_ value: Int) { current.store(value, ordering: .relaxed) }

    package var value: Int { current.load(ordering: .relaxed) }

    package func render(_ name: String, _ labels: String, into text: inout String) {
        text += "\(series(name, labels)) \(value)\n"
    }
}

/// Durations in buckets from half a millisecond to five minutes.
///
/// An observation costs one scan of at most 15 bounds under a lock that is held for nothing else.
package final class Histogram: Instrument {
    package static let kind = "histogram"

    /// Upper bounds in seconds, as they are written, with the same in nanoseconds.
    private static let bounds: [(text: String, nanoseconds: Int64)] = [
        ("0.0005", 500_000), ("0.001", 1_000_000), ("0.0025", 2_500_000), ("0.005", 5_000_000),
        ("0.01", 10_000_000), ("0.025", 25_000_000), ("0.05", 50_000_000), ("0.1", 100_000_000),
        ("0.25", 250_000_000), ("0.5", 500_000_000), ("1", 1_000_000_000), ("2.5", 2_500_000_000),
        ("10", 10_000_000_000), ("60", 60_000_000_000), ("300", 300_000_000_000),
    ]

    private struct State {
        var counts = [UInt64](repeating: 0, count: Histogram.bounds.count + 1)
        var sumNanoseconds: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Counts one duration; a negative one (a clock that was set back) counts as zero.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // A century at most, so that neither the product nor the sum can overflow in practice.
        let whole = min(max(seconds, 0), 3_155_760_000)
        observe(nanoseconds: whole * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// The same, for at most a century.
    package func observe(nanoseconds count: Int64) {
        let nanoseconds = max(count, 0)
        let bucket =
            Self.bounds.firstIndex { nanoseconds <= $0.nanoseconds } ?? Self.bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sumNanoseconds &+= UInt64(nanoseconds)
        }
    }

    package func render(_ name: String, _ labels: String, into text: inout String) {
        let state = state.withLock { $0 }
        let comma = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (count, bound) in zip(state.counts, Self.bounds.map(\.text) + ["+Inf"]) {
            total += count
            text += "\(name)_bucket{\(labels)\(comma)le=\"\(bound)\"} \(total)\n"
        }
        let sum = decimalSeconds(nanoseconds: state.sumNanoseconds)
        text += "\(series("\(name)_sum", labels)) \(sum)\n"
        text += "\(series("\(name)_count", labels)) \(total)\n"
    }
}

private func series(_ name: String, _ labels: String) -> String {
    labels.isEmpty ? name : "\(name){\(labels)}"
}

/// Seconds with nine decimals, exactly; a `Double` would lose them after some months.
private func decimalSeconds(nanoseconds: UInt64) -> String {
    let fraction = String(nanoseconds % 1_000_000_000)
    let zeros = String(repeating: "0", count: 9 - fraction.count)
    return "\(nanoseconds / 1_000_000_000).\(zeros)\(fraction)"
}
