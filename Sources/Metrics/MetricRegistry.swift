internal import Synchronization

/// All metrics of the process, and their text for `/metrics`.
///
/// Source: Prometheus text exposition format 0.0.4,
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
package final class MetricRegistry: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct State {
        var names: Set<String> = []
        var updates: [@Sendable () -> Void] = []
        var renderers: [@Sendable (inout String) -> Void] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func counters(_ metric: MetricName, seriesLimit: Int = 1000) -> Family<Counter> {
        register(Family(metric, seriesLimit: seriesLimit) { Counter() })
    }

    package func gauges(_ metric: MetricName, seriesLimit: Int = 1000) -> Family<Gauge> {
        register(Family(metric, seriesLimit: seriesLimit) { Gauge() })
    }

    /// Histograms have eighteen lines for each series, so fewer of those are allowed.
    package func histograms(_ metric: MetricName, seriesLimit: Int = 100) -> Family<Histogram> {
        register(Family(metric, seriesLimit: seriesLimit) { Histogram() })
    }

    /// Adds text that is made anew for each scrape, as that of ``ProcessSample``.
    package func collect(_ render: @escaping @Sendable (inout String) -> Void) {
        state.withLock { $0.renderers.append(render) }
    }

    /// Calls `update` at the beginning of each scrape, for gauges that are set when they are read.
    package func measure(_ update: @escaping @Sendable () -> Void) {
        state.withLock { $0.updates.append(update) }
    }

    /// The whole text, families in the order in which they were registered.
    package func render() -> String {
        let (updates, renderers) = state.withLock { ($0.updates, $0.renderers) }
        // Before any text: a gauge may stand above who sets it.
        for update in updates { update() }
        var text = ""
        for render in renderers { render(&text) }
        return text
    }

    private func register<Series: Instrument>(_ family: Family<Series>) -> Family<Series> {
        state.withLock { state in
            let isNew = state.names.insert(family.metric.name).inserted
            precondition(isNew, "a metric is registered once")
            state.renderers.append { family.render(into: &$0) }
        }
        return family
    }
}
