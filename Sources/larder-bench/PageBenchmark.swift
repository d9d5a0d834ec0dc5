import Ecosystems
import PyPI

/// A PyPI page of a megabyte: read once and rendered in both forms, as fast as one core does it.
///
/// Rates are bytes of the upstream's page by seconds of this thread on a core.
struct PageBenchmark: Benchmark {
    /// The form that the upstream has.
    enum Form: String, Sendable {
        case json = "JSON"
        case html = "HTML"
    }

    let form: Form

    var name: String { "pypi-page-\(form.rawValue.lowercased())" }

    func run() throws -> [Figure] {
        let adapter = try SampleIndex.adapter()
        let document = try form == .json ? SampleIndex.jsonPage() : SampleIndex.htmlPage()
        let page = try adapter.page(document)
        return [
            try rate("read once, render both", of: document, goal: .atLeast(200)) {
                let page = try adapter.page(document)
                _ = try page.rendered(as: .json)
                _ = try page.rendered(as: .html)
            },
            try rate("read", of: document) { _ = try adapter.page(document) },
            try rate("render as JSON", of: document) { _ = try page.rendered(as: .json) },
            try rate("render as HTML", of: document) { _ = try page.rendered(as: .html) },
            try milliseconds("facts, JSON and HTML, each from the stored page") {
                _ = try adapter.facts(of: document)
                for form in [SimpleForm.json, .textHTML] {
                    _ = try adapter.render(document, as: form.variant)
                }
            },
        ]
    }

    private func rate(
        _ what: String, of document: UpstreamDocument, goal: Figure.Goal? = nil,
        _ work: () throws -> Void
    ) throws -> Figure {
        let rounds = try Stopwatch.processorTime(rounds: 200, within: 3, work)
        let megabytes = Double(document.bytes.count) / 1e6
        return Figure(
            "\(form.rawValue) upstream: \(what)", megabytes / rounds.best, "MB/s", goal: goal)
    }

    private func milliseconds(_ what: String, _ work: () throws -> Void) throws -> Figure {
        let rounds = try Stopwatch.processorTime(rounds: 100, within: 3, work)
        return Figure("\(form.rawValue) upstream: \(what)", rounds.best * 1e3, "ms")
    }
}
