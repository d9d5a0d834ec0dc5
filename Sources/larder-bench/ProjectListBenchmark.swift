import Ecosystems
import PyPI

/// The list of 700,000 projects: checked and rendered for the first time.
struct ProjectListBenchmark: Benchmark {
    let name = "pypi-list"
    static let projectCount = 700_000

    func run() throws -> [Figure] {
        let adapter = try SampleIndex.adapter()
        let document = try SampleIndex.projectList(Self.projectCount)
        let check = try Stopwatch.processorTime(rounds: 10, within: 4) {
            _ = try adapter.facts(of: document)
        }
        let html = try Stopwatch.processorTime(rounds: 10, within: 4) {
            _ = try adapter.render(document, as: SimpleForm.textHTML.variant)
        }
        return [
            Figure("size of the list in JSON", Double(document.bytes.count) / 1e6, "MB"),
            Figure("check the list", check.best * 1e3, "ms"),
            Figure("render the list as HTML", html.best * 1e3, "ms"),
        ]
    }
}
