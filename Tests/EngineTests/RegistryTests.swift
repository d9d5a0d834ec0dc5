import Backends
import Digests
import Engine
import HTTPModel
import Synchronization
import Testing

/// Files behind pointers: charts whose index names a registry's manifest.
@Suite(.timeLimit(.minutes(5))) struct RegistryTests {
    private typealias Chart = RegistryBench.Chart

    private static let signed = Chart(
        "1.2.3+b.5", provenance: "-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n")

    @Test("a chart is its layer, the provenance beside it is another one, and both are stored")
    func stored() async throws {
        let chart = Self.signed
        let bench = RegistryBench.bench([chart])
        try await Bench.run(bench) { bench in
            for round in 1...2 {
                let got = try await bench.get(chart.request)
                #expect(got.status == 200 && got.body == chart.bytes)
                let provenance = try await bench.get(chart.request + ".prov")
                #expect(provenance.status == 200 && provenance.body == chart.provenance)
                #expect(got.field("Content-Type") == "application/gzip")
                if round == 2 { #expect(got.field("Cache-Status") == "larder; hit") }
            }
            #expect(bench.upstream.requests(of: chart.blobURL).count == 1)
            #expect(bench.upstream.requests(of: chart.manifestURL).count == 2)
            let accept = bench.upstream.requests(of: chart.manifestURL).first?.accept
            #expect(accept?.contains("application/vnd.oci.image.manifest.v1+json") == true)
        }
        let restarted = RegistryBench.bench([], restarting: bench)
        try await Bench.run(restarted) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == 200 && got.body == chart.bytes)
            #expect(bench.upstream.requestCount == 0)
        }
    }

    @Test("no provenance layer is a 404, which is remembered for a while")
    func noProvenance() async throws {
        let chart = Chart("1.0.0")
        try await Bench.run(RegistryBench.bench([chart])) { bench in
            for _ in 1...2 {
                let provenance = try await bench.get(chart.request + ".prov")
                #expect(provenance.status == 404)
            }
            #expect(bench.upstream.requests(of: chart.manifestURL).count == 1)
            let got = try await bench.get(chart.request)
            #expect(got.status == 200)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The digest in the index.
        var digest: String?
        /// Instead of the manifest of the chart.
        var manifest: FakeUpstream.Script?
        /// Instead of its layer.
        var blob: FakeUpstream.Script?
        let status: Int
        var blobCount = 0
    }

    private static let chart = Chart("1.0.0")
    private static let hex = BlobDigest.of(chart.bytes).hex
    private static let image =
        "{\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":"
        + "\"sha256:\(hex)\",\"size\":1000}]}"

    static let rows: [Row] = [
        .init(
            testDescription: "the layer's digest in the index", digest: hex, status: 200,
            blobCount: 1),
        .init(
            testDescription: "another digest in the index",
            digest: String(repeating: "0a", count: 32), status: 502),
        .init(
            testDescription: "a layer with other bytes",
            blob: .init(pieces: [chart.bytes.reversed()]), status: 502, blobCount: 1),
        .init(
            testDescription: "a shorter layer", blob: .init(pieces: [chart.bytes.dropLast()]),
            status: 502, blobCount: 1),
        .init(testDescription: "no layer", blob: .init(status: 404), status: 404, blobCount: 1),
        .init(testDescription: "no manifest", manifest: .init(status: 404), status: 404),
        .init(testDescription: "a forbidden manifest", manifest: .init(status: 401), status: 403),
        .init(testDescription: "an overloaded registry", manifest: .init(status: 429), status: 503),
        .init(testDescription: "a failing registry", manifest: .init(status: 500), status: 502),
        .init(
            testDescription: "no registry", manifest: .init(failure: .unreachable(code: 7)),
            status: 503),
        .init(
            testDescription: "a page", manifest: RegistryBench.text("<html></html>"), status: 502),
        .init(testDescription: "an image", manifest: RegistryBench.text(image), status: 502),
        .init(
            testDescription: "a manifest that is too long",
            manifest: .init(
                pieces: [
                    Array(chart.manifest.utf8), [UInt8](repeating: 0x20, count: 4 << 20),
                ]), status: 502),
        .init(
            testDescription: "a long manifest",
            manifest: .init(
                pieces: [
                    Array(chart.manifest.utf8), [UInt8](repeating: 0x20, count: 3 << 20),
                ]), status: 200, blobCount: 1),
    ]

    @Test("what is not the chart is not served, and not stored", arguments: rows)
    func verdict(_ row: Row) async throws {
        let chart = Self.chart
        let bench = RegistryBench.bench([chart], entries: [chart.entry(digest: row.digest)])
        if let manifest = row.manifest { bench.upstream.set(chart.manifestURL, manifest) }
        if let blob = row.blob { bench.upstream.set(chart.blobURL, blob) }
        try await Bench.run(bench) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == row.status)
            #expect((got.body == chart.bytes) == (row.status == 200))
            #expect(bench.upstream.requests(of: chart.blobURL).count == row.blobCount)
        }
    }

    @Test("a manifest that breaks off is asked for again")
    func brokenManifest() async throws {
        let chart = Self.chart
        let bench = RegistryBench.bench([chart])
        let whole = Array(chart.manifest.utf8)
        bench.upstream.set(
            chart.manifestURL,
            .init(pieces: [Array(whole.prefix(40))], byteCount: whole.count, ending: .truncated),
            .init(pieces: [whole]))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.body == chart.bytes)
            #expect(bench.observer.counts.withLock { $0.integrityFailures }.isEmpty)
        }
    }

    // MARK: Indexes of manifests

    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"

    private static func index(of document: String) -> String {
        let hex = BlobDigest.of(Array(document.utf8)).hex
        return "{\"manifests\":[{\"mediaType\":\"application/vnd.example+json\",\"digest\":"
            + "\"sha256:\(String(repeating: "0a", count: 32))\"},"
            + "{\"mediaType\":\"\(manifestType)\",\"digest\":\"sha256:\(hex)\"}]}"
    }

    private static func url(of document: String) -> String {
        RegistryBench.manifestURL("sha256:" + BlobDigest.of(Array(document.utf8)).hex)
    }

    @Test("an index of manifests leads to the chart's manifest, which must be what it says")
    func index() async throws {
        let chart = Self.chart
        for (sent, status) in [(chart.manifest, 200), (chart.manifest + " ", 502)] {
            let bench = RegistryBench.bench([chart])
            bench.upstream.set(
                chart.manifestURL, RegistryBench.text(Self.index(of: chart.manifest)))
            bench.upstream.set(Self.url(of: chart.manifest), RegistryBench.text(sent))
            try await Bench.run(bench) { bench in
                let got = try await bench.get(chart.request)
                #expect(got.status == status)
            }
        }
    }

    @Test("an index of indexes is followed no further")
    func deepIndex() async throws {
        let chart = Self.chart
        let inner = Self.index(of: chart.manifest)
        let bench = RegistryBench.bench([chart])
        bench.upstream.set(chart.manifestURL, RegistryBench.text(Self.index(of: inner)))
        bench.upstream.set(Self.url(of: inner), RegistryBench.text(inner))
        bench.upstream.set(Self.url(of: chart.manifest), RegistryBench.text(chart.manifest))
        try await Bench.run(bench) { bench in
            let got = try await bench.get(chart.request)
            #expect(got.status == 502)
            #expect(bench.upstream.requests(of: Self.url(of: inner)).count == 1)
            #expect(bench.upstream.requests(of: Self.url(of: chart.manifest)).isEmpty)
        }
    }

    @Test("manifests share a bounded memory, which each gives back")
    func manifestMemory() async throws {
        let charts = [Chart("1.0.0"), Chart("1.0.1")]
        let limit = charts[0].manifest.utf8.count
        try await Bench.run(RegistryBench.bench(charts) { $0.pointerByteLimit = limit }) { bench in
            for chart in charts {
                let got = try await bench.get(chart.request)
                #expect(got.status == 200)
            }
        }
        let narrow = RegistryBench.bench(charts) { $0.pointerByteLimit = limit - 1 }
        try await Bench.run(narrow) { bench in
            let got = try await bench.get(charts[0].request)
            #expect(got.status == 503)
            #expect(bench.upstream.requests(of: charts[0].blobURL).isEmpty)
        }
    }
}
