import Foundation
import HTTPModel
import Support
import Testing

/// One server with an upstream of each ecosystem, on which nothing stays fresh: every request for a
/// document asks its upstream.
final class OutageBed: Sendable {
    let sites: [OutageSite]
    let home: LarderHome
    private let running: Watched<Larder?>

    /// Settles where it will run; `wrapper` are words before the server's own command line.
    init(
        by way: OutageSite.Way = { $0.base }, variables: [String: String] = [:],
        wrapper: [String] = []
    ) throws {
        sites = try OutageSite.Ecosystem.allCases.map { try OutageSite($0, by: way) }
        let bases = sites.map(\.base)
        home = try LarderHome(
            upstream: bases[0] + "/simple/",
            variables: variables.merging(["LARDER_FRESH_SECONDS": "0"]) { given, _ in given },
            // Documents are the same after a restart on another port.
            settings: """
                public_url: http://larder.example
                npm:
                  upstream:
                    url: \(bases[1])/
                helm:
                  repositories:
                    held: \(bases[2])/held
                    cold: \(bases[2])/cold
                limits:
                  document_bytes: 8MiB
                  artifact_bytes: 32MiB

                """, wrapper: wrapper)
        running = Watched(nil)
    }

    var larder: Larder { get throws { try #require(running.value) } }

    func start() async throws {
        let larder = try await home.start()
        running.update { $0 = larder }
    }

    /// Kills the server and starts it anew on what it stored.
    func restart() async throws {
        try await larder.kill()
        try await start()
    }

    /// Asks for all that will be held.
    ///
    /// - Returns: The documents, by their ecosystem.
    func warm() async throws -> [OutageSite.Ecosystem: Exchange] {
        var documents: [OutageSite.Ecosystem: Exchange] = [:]
        for site in sites {
            let document = try await larder.get(site.held.document)
            try #require(document.isGood, "\(site.ecosystem) \(document.testDescription)")
            documents[site.ecosystem] = document
            let file = try await larder.get(site.held.file)
            try #require(file.isGood, "\(site.ecosystem) \(file.testDescription)")
            try await larder.settle(site.held.file)
        }
        return documents
    }

    func fail(_ fault: Fault?) throws {
        for site in sites { try site.origin.fail(fault) }
    }

    /// Does something with every site at once.
    func each(_ work: @escaping @Sendable (OutageSite) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for site in sites { group.addTask { try await work(site) } }
            try await group.waitForAll()
        }
    }

    /// Whether the server takes a site's upstream for well.
    func isUp(_ site: OutageSite) async throws -> Bool {
        let prefix = "larder_upstream_up{upstream=\"\(site.label)\"} "
        let lines = try await larder.get("/metrics").text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix(prefix) }
        return line?.dropFirst(prefix.count) == "1"
    }
}

extension Larder {
    /// Waits until a file is stored: its last byte is sent a moment before.
    func settle(_ target: String) async throws {
        try await eventually("\(target) is stored") {
            try await get(target).headers["cache-status"]?.contains("hit") == true ? true : nil
        }
    }
}

/// A request with the milliseconds that it took.
struct TimedExchange: Sendable {
    let exchange: Exchange
    let milliseconds: Double

    /// A request that the server is to answer in less than `limit` milliseconds.
    ///
    /// One that is late is made again where the machine is shown to have stalled meanwhile, as
    /// ``Larder/calmly(within:_:)`` tells.
    static func calm(
        _ target: String, from larder: Larder, within limit: Double
    ) async throws -> TimedExchange {
        let (exchange, milliseconds) = try await larder.calmly(within: limit) {
            try await larder.get(target)
        }
        return TimedExchange(exchange: exchange, milliseconds: milliseconds)
    }

    /// A request that cannot be made again, without what ``Larder/besideMachine(_:)`` takes off.
    static func once(_ target: String, from larder: Larder) async throws -> TimedExchange {
        let (exchange, milliseconds) = try await larder.besideMachine {
            try await larder.get(target)
        }
        return TimedExchange(exchange: exchange, milliseconds: milliseconds)
    }

    static func get(
        _ target: String, from larder: Larder, within seconds: Double = 60
    ) async throws -> TimedExchange {
        let start = ContinuousClock.now
        let exchange = try await larder.get(target, within: seconds)
        return TimedExchange(
            exchange: exchange, milliseconds: start.duration(to: .now) / .milliseconds(1))
    }
}
