import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// How often a failing upstream is asked, and whom it keeps waiting.
    @Suite(.serialized)
    struct OutageBreaker {
        private static let rows: [OutageRow] = [.blackholed, .unavailable, .garbage]

        @Test(
            "U-6: a known outage costs each upstream at most one request in 5 s, however many come",
            .timeLimit(.minutes(1)))
        func probes() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for row in Self.rows {
                    group.addTask { try await Self.expectFewProbes(row) }
                }
                try await group.waitForAll()
            }
        }

        private static func expectFewProbes(_ row: OutageRow) async throws {
            let bed = try OutageBed()
            try await bed.start()
            _ = try await bed.warm()
            try bed.fail(row.fault)
            try await bed.each { site in
                try await eventually("a known outage") {
                    _ = try await bed.larder.get(site.held.document)
                    return try await bed.isUp(site) ? nil : true
                }
                let known = site.origin.ledger.requests.count
                // One that hangs is joined by those after it, until its own time is over.
                let wanted = row.name == OutageRow.blackholed.name ? 1 : 2
                try await eventually("probes, \(row.name)", within: 25, pause: 20) {
                    for _ in 0..<3 {
                        let got = try await bed.larder.get(site.held.document)
                        #expect(got.isGood)
                    }
                    return site.origin.ledger.requests.count >= known + wanted ? true : nil
                }
                let times = site.origin.ledger.requests[(known - 1)...].map(\.time)
                for (one, next) in zip(times, times.dropFirst()) {
                    let pause = one.duration(to: next) / .seconds(1)
                    // A request is late by what the machine makes of it.
                    #expect(pause > 4.5, "\(row.name), \(site.ecosystem): \(pause) s")
                }
            }
        }

        @Test(
            "a redirect that is refused counts for nothing, however often",
            .timeLimit(.minutes(1)))
        func refusals() async throws {
            let canary = try OriginStub()
            let bed = try OutageBed()
            try await bed.start()
            _ = try await bed.warm()
            try bed.fail(.redirect(to: canary.base + "/"))
            try await bed.each { site in
                let count = site.origin.ledger.requests.count
                for _ in 0..<8 {
                    let got = try await bed.larder.get(site.held.document)
                    #expect(got.isGood)
                }
                #expect(site.origin.ledger.requests.count == count + 8, "\(site.ecosystem)")
                let isUp = try await bed.isUp(site)
                #expect(isUp, "\(site.ecosystem)")
            }
            #expect(canary.ledger.connectionCount == 0)
        }

        @Test(
            "L-2: one upstream that hangs delays neither another one nor a hit",
            .timeLimit(.minutes(1)), arguments: OutageSite.Ecosystem.allCases)
        func others(_ slow: OutageSite.Ecosystem) async throws {
            let bed = try OutageBed()
            try await bed.start()
            _ = try await bed.warm()
            let site = try #require(bed.sites.first { $0.ecosystem == slow })
            try site.origin.fail(.blackhole)
            // As many as would fill any pool that all upstreams share.
            let waiting = (0..<60).map { number in
                let target =
                    number % 2 == 0
                    ? site.cold.file : site.cold.document.replacing("cold", with: "none\(number)")
                return Task { try await bed.larder.get(target) }
            }
            await site.origin.connectionsOpen(slow == .helm ? 1 : 20)
            for other in bed.sites where other.ecosystem != slow {
                for target in [other.held.document, other.held.file, other.cold.file] {
                    let got = try await TimedExchange.calm(
                        target, from: bed.larder, within: 500)
                    #expect(got.exchange.isGood, "\(target) \(got.exchange.testDescription)")
                    #expect(got.milliseconds < 500, "\(target): \(got.milliseconds) ms")
                }
            }
            let hit = try await TimedExchange.calm(
                site.held.file, from: bed.larder, within: 500)
            #expect(hit.exchange.isGood && hit.milliseconds < 500)
            site.origin.stop()
            for task in waiting {
                let got = try await task.value
                #expect(!got.isGood)
            }
        }
    }
}
