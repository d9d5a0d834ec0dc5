/// One part of what is measured; each bounds its own time to some ten seconds.
protocol Benchmark: Sendable {
    var name: String { get }

    func run() throws -> [Figure]
}

/// What cannot be measured, and why.
struct BenchmarkFault: Error, CustomStringConvertible {
    let description: String
}
