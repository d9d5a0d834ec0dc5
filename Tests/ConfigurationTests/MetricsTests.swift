import Dispatch
import Metrics
import Testing

@Suite struct MetricsTests {
    @Test("counters and gauges as text, labels sorted and escaped")
    func text() {
        let registry = MetricRegistry()
        let served = registry.counters(.staleResponses)
        served.with("b", "x").add()
        served.with("a", "quote\" slash\\ line\n").add(41)
        served.with("b", "x").add()
        let fills = registry.gauges(.fillsInFlight)
        fills.with().add(3)
        fills.with().add(-1)
        #expect(
            registry.render() == """
                # HELP larder_stale_responses_total Stale documents served.
                # TYPE larder_stale_responses_total counter
                larder_stale_responses_total{upstream="a",reason="quote\\" slash\\\\ line\\n"} 41
                larder_stale_responses_total{upstream="b",reason="x"} 2
                # HELP larder_fills_in_flight Fetches on their way into the store.
                # TYPE larder_fills_in_flight gauge
                larder_fills_in_flight 2

                """)
    }

    @Test("a metric without labels is there from the start")
    func zero() {
        let registry = MetricRegistry()
        _ = registry.counters(.collapsedRequests)
        #expect(registry.render().hasSuffix("larder_collapsed_requests_total 0\n"))
    }

    @Test("histogram buckets add up, and sum and count are exact")
    func histogram() {
        let registry = MetricRegistry()
        let seconds = registry.histograms(.requestSeconds).with()
        for duration: Duration in [
            .microseconds(500), .nanoseconds(500_001), .milliseconds(20), .seconds(61),
            .seconds(1000), .seconds(-5),
        ] {
            seconds.observe(duration)
        }
        let lines = registry.render().split(separator: "\n").map(String.init)
        for expected in [
            "larder_request_seconds_bucket{le=\"0.0005\"} 2",
            "larder_request_seconds_bucket{le=\"0.001\"} 3",
            "larder_request_seconds_bucket{le=\"0.01\"} 3",
            "larder_request_seconds_bucket{le=\"0.025\"} 4",
            "larder_request_seconds_bucket{le=\"60\"} 4",
            "larder_request_seconds_bucket{le=\"300\"} 5",
            "larder_request_seconds_bucket{le=\"+Inf\"} 6",
            "larder_request_seconds_sum 1061.021000001",
            "larder_request_seconds_count 6",
        ] {
            #expect(lines.contains(expected))
        }
    }

    @Test("a histogram with labels keeps them beside le")
    func labelledHistogram() {
        let registry = MetricRegistry()
        let metric = MetricName("larder_test_seconds", "Test.", labels: ["upstream"])
        registry.histograms(metric).with("u").observe(.seconds(2))
        let text = registry.render()
        #expect(text.contains("larder_test_seconds_bucket{upstream=\"u\",le=\"2.5\"} 1\n"))
        #expect(text.contains("larder_test_seconds_sum{upstream=\"u\"} 2.000000000\n"))
    }

    @Test("above the limit, every new combination is counted as other")
    func overflow() {
        let registry = MetricRegistry()
        let family = registry.counters(.upstreamRequests, seriesLimit: 2)
        for status in 200..<1200 { family.with("u", "\(status)").add() }
        family.with("u", "200").add()
        let lines = registry.render().split(separator: "\n").dropFirst(2)
        #expect(
            lines == [
                "larder_upstream_requests_total{upstream=\"other\",status=\"other\"} 998",
                "larder_upstream_requests_total{upstream=\"u\",status=\"200\"} 2",
                "larder_upstream_requests_total{upstream=\"u\",status=\"201\"} 1",
            ])
    }

    @Test("counting from many threads loses nothing", .timeLimit(.minutes(5)))
    func threads() {
        let registry = MetricRegistry()
        let family = registry.counters(.requests)
        let histogram = registry.histograms(.requestSeconds).with()
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            let counter = family.with("pypi", "document", "20\(index % 2)", "hit")
            for _ in 0..<5000 {
                counter.add()
                histogram.observe(.milliseconds(1))
            }
            _ = registry.render()
        }
        #expect(family.with("pypi", "document", "200", "hit").value == 20_000)
        #expect(family.with("pypi", "document", "201", "hit").value == 20_000)
        #expect(registry.render().contains("larder_request_seconds_count 40000\n"))
    }

    @Test("a gauge that is set for a scrape is in it, wherever it stands")
    func measured() {
        let registry = MetricRegistry()
        let gauge = registry.gauges(.fillsInFlight).with()
        let scrapes = MetricRegistry().counters(.requests).with("", "", "", "")
        registry.measure {
            scrapes.add()
            gauge.set(Int(scrapes.value))
        }
        #expect(registry.render().hasSuffix("larder_fills_in_flight 1\n"))
        #expect(registry.render().hasSuffix("larder_fills_in_flight 2\n"))
    }

    @Test("process metrics are taken anew for each scrape")
    func process() {
        let registry = MetricRegistry()
        let scrapes = MetricRegistry().counters(.requests).with("", "", "", "")
        registry.collect { text in
            scrapes.add()
            ProcessSample(
                processorTime: .milliseconds(2150), residentBytes: 12288, anonymousBytes: 5120,
                openDescriptors: Int(scrapes.value), descriptorLimit: 1024,
                startSeconds: 1_700_000_123
            ).render(into: &text)
        }
        _ = registry.render()
        let values = registry.render().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(
            values == [
                "process_cpu_seconds_total 2.15",
                "process_resident_memory_bytes 12288",
                "process_resident_anonymous_memory_bytes 5120",
                "process_open_fds 2",
                "process_max_fds 1024",
                "process_start_time_seconds 1700000123",
            ])
    }

    @Test(
        "every metric of the contract has its name",
        arguments: [
            (MetricName.requests, "larder_requests_total{ecosystem,kind,status,cache}"),
            (.responseBytes, "larder_response_bytes_total{ecosystem,cache}"),
            (.requestSeconds, "larder_request_seconds{}"),
            (.upstreamRequests, "larder_upstream_requests_total{upstream,status}"),
            (.upstreamBytes, "larder_upstream_bytes_total{}"),
            (.upstreamSeconds, "larder_upstream_seconds{}"),
            (.upstreamUp, "larder_upstream_up{upstream}"),
            (.fillsInFlight, "larder_fills_in_flight{}"),
            (.collapsedRequests, "larder_collapsed_requests_total{}"),
            (.staleResponses, "larder_stale_responses_total{upstream,reason}"),
            (.servedDuringOutage, "larder_requests_served_during_outage_total{upstream}"),
            (.integrityFailures, "larder_integrity_failures_total{reason}"),
            (.storeBytes, "larder_store_bytes{}"),
            (.storeBlobs, "larder_store_blobs{}"),
            (.evictedBytes, "larder_evicted_bytes_total{}"),
            (.databaseUp, "larder_database_up{}"),
            (.passingFills, "larder_passing_fills{}"),
        ])
    func names(_ metric: MetricName, _ expected: String) {
        #expect("\(metric.name){\(metric.labels.joined(separator: ","))}" == expected)
    }
}
