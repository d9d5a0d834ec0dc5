import Support
import Testing

extension EndToEnd.Crowd {
    /// A packument of many versions, whose tarballs are below one registry.
    private static func packument(_ registry: String, byteCount: Int) -> [UInt8] {
        let note = String(
            repeating: "A sentence of a description, as long as they come. ", count: 36)
        var bytes = Array(
            "{\"name\":\"crowded\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{".utf8)
        var number = 0
        while bytes.count < byteCount {
            let version = "1.\(number).0"
            bytes +=
                """
                \(number == 0 ? "" : ",")"\(version)":{"name":"crowded","version":"\(version)",\
                "description":"\(note)","dist":{"shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709",\
                "tarball":"\(registry)/crowded/-/crowded-\(version).tgz"}}
                """.utf8
            number += 1
        }
        return bytes + "}}".utf8
    }

    @Test(
        "N2.14 (5, 9): 100 clients, one cold packument of 45 MB: one fetch, one rewrite, little memory",
        .timeLimit(.minutes(4)))
    func packument() async throws {
        let registry = try OriginStub()
        let document = Self.packument(registry.base, byteCount: 45_000_000)
        registry.route(
            "/crowded",
            OriginAnswer(
                200, .bytes(document),
                fields: [("Content-Type", "application/json"), ("ETag", "\"one\"")]))
        let home = try LarderHome(
            upstream: nil,
            settings: """
                npm:
                  upstream:
                    url: \(registry.base)/

                """)
        let larder = try await home.start()
        let expected = Self.packument(larder.registry, byteCount: 45_000_000)
        let before = try await larder.metric("larder_renderings_total")
        let (result, growth) = try await Self.run(
            100,
            of: Body(target: "/npm/crowded", period: expected, byteCount: expected.count),
            from: larder)
        let waits = result.waits
        print(
            "packument crowd: \(result.right) right, waits \(waits.first ?? 0) to \(waits.last ?? 0) s,",
            "then \(result.sending) s for the first, RssAnon grew by \(growth >> 20) MiB")
        #expect(result.right == 100)
        #expect(result.faults == [])
        try #require(waits.count == 100)
        // The fifth waits for the same rewrite as the first, not for one of its own.
        #expect(waits[4] - waits[0] <= result.sending)
        #expect(growth < 64 << 20)
        #expect(registry.ledger.count("/crowded") == 1)
        #expect(try await larder.metric("larder_renderings_total") - before == 1)
        #expect(try home.damage().wrong.isEmpty)
    }
}
