import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Rows of the matrix in which the way to the upstream fails: its name, and its certificate.
    @Suite(.serialized)
    struct OutageWays {
        /// Expects what is stored as it was, and an error of a known upstream for what is not.
        private static func expectOutage(
            _ bed: OutageBed, _ documents: [OutageSite.Ecosystem: Exchange], _ place: String
        ) async throws {
            try await bed.each { site in
                let file = try await TimedExchange.get(site.held.file, from: bed.larder)
                #expect(file.exchange.isGood && file.exchange.body == site.heldFile, "\(place)")
                let got = try await TimedExchange.get(site.held.document, from: bed.larder)
                #expect(got.exchange.isGood, "\(place) \(got.exchange.testDescription)")
                #expect(got.exchange.body == documents[site.ecosystem]?.body, "\(place)")
                #expect(got.milliseconds < 2_000, "\(place): \(got.milliseconds) ms")
                for target in [site.cold.document, site.cold.file] {
                    let cold = try await TimedExchange.get(target, from: bed.larder)
                    #expect(cold.exchange.status == 503, "\(place) \(cold.exchange.text)")
                    #expect(cold.milliseconds < 6_000, "\(place): \(cold.milliseconds) ms")
                }
            }
            #expect(bed.home.staged == [], "\(place)")
        }

        @Test(
            "U-6: a name that does not resolve: restarted and cold, each ecosystem",
            .timeLimit(.minutes(1)),
            .enabled(if: Machine.canMount, "mounting a file system is not permitted"))
        func name() async throws {
            // Names come from a file of the test's own, in a namespace of the server's own.
            let folder = try TemporaryFolder()
            let names = try folder.write("127.0.0.1 index.example\n", to: "hosts")
            let order = try folder.write("hosts: files\n", to: "nsswitch.conf")
            let mounts =
                "mount --bind \(names) /etc/hosts && mount --bind \(order) /etc/nsswitch.conf"
            let bed = try OutageBed(
                by: { "http://index.example:\($0.port)" },
                wrapper: ["unshare", "--mount", "sh", "-c", mounts + " && exec \"$0\" \"$@\""])
            try await bed.start()
            let documents = try await bed.warm()
            _ = try folder.write("127.0.0.1 other.example\n", to: "hosts")
            try await bed.restart()
            let counts = bed.sites.map(\.origin.ledger.connectionCount)
            try await Self.expectOutage(bed, documents, "no such name")
            #expect(bed.sites.map(\.origin.ledger.connectionCount) == counts)
        }

        @Test(
            "U-14: an expired, a stranger's and a self-signed certificate: warm, cold and restarted",
            .timeLimit(.minutes(2)), .enabled(if: TLSFront.isPossible, "openssl is missing"))
        func certificate() async throws {
            let folder = try TemporaryFolder()
            let good = try await TLSFront.Certificate.make("good", name: "localhost", in: folder)
            let bad = [
                try await TLSFront.Certificate.make(
                    "expired", name: "localhost", isExpired: true, in: folder),
                try await TLSFront.Certificate.make("other", name: "other.example", in: folder),
                try await TLSFront.Certificate.make("own", name: "localhost", in: folder),
            ]
            // The last one is the one that nobody vouches for.
            let trusted = try ([good] + bad.dropLast()).flatMap {
                try TemporaryFolder.bytes(of: $0.file)
            }
            let trust = try folder.write(String(decoding: trusted, as: UTF8.self), to: "trust.pem")
            let fronts = Watched<[TLSFront]>([])
            let bed = try OutageBed(
                by: { origin in
                    let front = try TLSFront(before: origin.port)
                    fronts.update { $0.append(front) }
                    return "https://localhost:\(front.port)"
                }, variables: ["LARDER_UPSTREAM_CA_FILE": trust])
            for front in fronts.value { try await front.present(good) }
            try await bed.start()
            let documents = try await bed.warm()
            let counts = bed.sites.map(\.origin.ledger.requests.count)
            for certificate in bad {
                for front in fronts.value { try await front.present(certificate) }
                try await Self.expectOutage(bed, documents, certificate.file)
                try await bed.restart()
                try await Self.expectOutage(bed, documents, certificate.file + ", restarted")
            }
            // Nothing was sent, and nothing in the clear.
            #expect(bed.sites.map(\.origin.ledger.requests.count) == counts)
            for front in fronts.value { try await front.present(good) }
            for site in bed.sites {
                try await eventually("recovery, \(site.ecosystem)", within: 10, pause: 50) {
                    try await bed.larder.get(site.cold.file).isGood ? true : nil
                }
            }
        }
    }
}
