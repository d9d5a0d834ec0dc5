import HTTPModel
import Support
import Testing

/// One server before an upstream of each ecosystem, whose URLs are those of its requests.
final class ThreeSites: Sendable {
    let sites: [OutageSite]
    let home: LarderHome

    init(settings: String = "", variables: [String: String] = [:]) throws {
        sites = try OutageSite.Ecosystem.allCases.map { try OutageSite($0) { $0.base } }
        let bases = sites.map(\.base)
        home = try LarderHome(
            upstream: bases[0] + "/simple/", variables: variables,
            settings: settings + """
                npm:
                  upstream:
                    url: \(bases[1])/
                helm:
                  repositories:
                    held: \(bases[2])/held
                    cold: \(bases[2])/cold

                """)
    }

    func site(_ ecosystem: OutageSite.Ecosystem) throws -> OutageSite {
        try #require(sites.first { $0.ecosystem == ecosystem })
    }

    /// How many requests came to the upstreams.
    var requestCount: Int { sites.map { $0.origin.ledger.requests.count }.reduce(0, +) }
}

/// Does something with each of many values, several at a time.
func concurrently<Value: Sendable>(
    _ values: [Value], width: Int = 8, _ work: @escaping @Sendable (Value) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for start in 0..<width {
            group.addTask {
                for index in stride(from: start, to: values.count, by: width) {
                    try await work(values[index])
                }
            }
        }
        try await group.waitForAll()
    }
}
