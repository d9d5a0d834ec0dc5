import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// The matrix of docs/outages.md: each fault, for each ecosystem, with a warm server, for what is
    /// cold, and with a server that was killed and started anew in the outage.
    @Suite(.serialized)
    struct OutageMatrix {
        /// Answered at once, in milliseconds; more where the machine is shared with other tests.
        private static let atOnce = 300.0
        private static let warmLimit = 2_000.0

        @Test(
            "U-3, U-5, U-6, U-7, U-8, U-9, U-10, U-13: each ecosystem: warm, cold and restarted",
            .timeLimit(.minutes(1)), arguments: OutageRow.quick)
        func quick(_ row: OutageRow) async throws {
            try await Self.run(row)
        }

        @Test(
            "U-4, U-6: each ecosystem: warm, cold and restarted, where the upstream takes its time",
            .timeLimit(.minutes(3)))
        func slow() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for row in OutageRow.slow { group.addTask { try await Self.run(row) } }
                try await group.waitForAll()
            }
        }

        private static func run(_ row: OutageRow) async throws {
            let bed = try OutageBed()
            try await bed.start()
            let documents = try await bed.warm()
            let blobs = Set(TemporaryFolder.files(below: bed.home.store + "/blobs"))
            try bed.fail(row.fault)
            for state in ["warm", "restarted"] {
                if state == "restarted" {
                    try await expectCold(row, bed, blobs)
                    try await bed.restart()
                }
                try await bed.each { site in
                    let place = "\(row.name), \(site.ecosystem), \(state)"
                    guard let document = documents[site.ecosystem] else { return }
                    try await expectHeld(row, site, bed, document, place)
                }
            }
            try bed.fail(nil)
            try await bed.each { site in try await expectRecovery(row, site, bed) }
            #expect(try bed.home.damage().wrong == [], "\(row.name)")
        }

        // MARK: Warm and restarted

        /// What is stored is answered with the same bytes: within the budget at first, then at once.
        private static func expectHeld(
            _ row: OutageRow, _ site: OutageSite, _ bed: OutageBed, _ before: Exchange,
            _ place: String
        ) async throws {
            func expectDocument(within limit: Double) async throws {
                // The first ones change what the server knows of the upstream: asked once each.
                let got =
                    limit == atOnce
                    ? try await TimedExchange.calm(
                        site.held.document, from: bed.larder, within: limit)
                    : try await TimedExchange.once(site.held.document, from: bed.larder)
                #expect(got.exchange.isGood, "\(place): \(got.exchange.testDescription)")
                #expect(got.exchange.body == before.body, "\(place)")
                #expect(got.milliseconds < limit, "\(place): \(got.milliseconds) ms")
            }
            func expectFile() async throws {
                let got = try await TimedExchange.calm(
                    site.held.file, from: bed.larder, within: atOnce)
                #expect(got.exchange.isGood, "\(place): \(got.exchange.testDescription)")
                #expect(got.exchange.body == site.heldFile, "\(place)")
                #expect(got.milliseconds < atOnce, "\(place): file, \(got.milliseconds) ms")
            }
            try await expectFile()
            for _ in 0..<3 { try await expectDocument(within: warmLimit) }
            let isUp = try await bed.isUp(site)
            if let isOutage = row.isOutage { #expect(isUp == !isOutage, "\(place)") }
            for _ in 0..<3 { try await expectDocument(within: atOnce) }
            try await expectFile()
        }

        // MARK: Cold

        /// What is not stored is an error that says so in time, and nothing is stored.
        private static func expectCold(
            _ row: OutageRow, _ bed: OutageBed, _ blobs: Set<String>
        ) async throws {
            try await bed.each { site in
                async let document = TimedExchange.get(site.cold.document, from: bed.larder)
                async let file = TimedExchange.get(site.cold.file, from: bed.larder)
                let answers = try await [(row.document, document), (row.file, file)]
                for (status, got) in answers {
                    let place =
                        "\(row.name), \(site.ecosystem), cold: \(got.exchange.testDescription)"
                    // Of a file whose first bytes are on their way already, the rest never comes.
                    let isBroken = got.exchange.status == 200 && !got.exchange.isComplete
                    #expect(got.exchange.status == status || isBroken, "\(place)")
                    #expect(got.milliseconds < row.coldLimit * 1_000, "\(place)")
                    if got.exchange.status == 503 {
                        let seconds = got.exchange.headers["retry-after"].flatMap { Int($0) }
                        #expect((1...120).contains(seconds ?? 0), "\(place)")
                    }
                }
            }
            try await bed.home.settleStaging(row.name)
            let now = Set(TemporaryFolder.files(below: bed.home.store + "/blobs"))
            #expect(now.subtracting(blobs) == [], "\(row.name): nothing is stored")
        }

        // MARK: Afterwards

        private static func expectRecovery(
            _ row: OutageRow, _ site: OutageSite, _ bed: OutageBed
        ) async throws {
            let place = "\(row.name), \(site.ecosystem)"
            try await eventually("recovery, \(place)", within: 10, pause: 50) {
                () async throws -> Bool? in
                let document = try await bed.larder.get(site.cold.document)
                let file = try await bed.larder.get(site.cold.file)
                guard document.isGood, file.isGood else { return nil }
                #expect(file.body == site.coldFile, "\(place)")
                return true
            }
        }
    }
}
