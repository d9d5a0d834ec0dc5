internal import Resources

extension Traffic {
    /// Never less than nothing: what was fetched for nobody was for later.
    fileprivate var savedBytes: Int { max(servedBytes - upstreamBytes, 0) }
    fileprivate var savedRequestCount: Int { max(requestCount - upstreamRequestCount, 0) }
}

/// Four figures and their course: by hours while there are few of them, else by days.
struct LandingFigures {
    private struct Slot {
        let label: String
        var traffic: Traffic?
    }

    private static let dayCount: Int64 = 30
    private static let hourCount: Int64 = 48
    private let slots: [Slot]
    private let total: Traffic
    private let span: String

    init(_ landing: Landing) {
        let thisHour = landing.now / 3_600
        let first = landing.hours.first?.hour ?? thisHour
        let isYoung = thisHour - first < Self.hourCount
        let length: Int64 = isYoung ? 1 : 24
        let last = thisHour / length
        let count = isYoung ? Self.hourCount : Self.dayCount
        var slots = (last - count + 1...last).map { slot in
            Slot(
                label: isYoung
                    ? "\(Wording.day(slot / 24)), \(Wording.clock(slot * 3_600))"
                    : Wording.day(slot))
        }
        var total = Traffic()
        for hour in landing.hours {
            let index = Int(hour.hour / length - (last - count + 1))
            guard slots.indices.contains(index) else { continue }
            var traffic = slots[index].traffic ?? Traffic()
            traffic += hour.traffic
            slots[index].traffic = traffic
            total += hour.traffic
        }
        self.slots = slots
        self.total = total
        span = isYoung ? "the last \(Self.hourCount) hours" : "the last \(Self.dayCount) days"
    }

    var html: HTML {
        """
        <section aria-labelledby="figures"><h2 id="figures">What it saved</h2>
        <p>In \(span).</p>
        <div class="figures">
        \(ratio)\(bytes)\(requests)\(outages)</div>
        \(table)</section>
        """
    }

    private var ratio: HTML {
        figure(
            "Hit ratio", Wording.percent(total.hitCount, of: total.requestCount),
            "of \(Wording.count(total.requestCount, "request", "requests"))",
            Chart(
                id: "chart-ratio", title: "Hit ratio over \(span)",
                bars: slots.map { slot in
                    let traffic = slot.traffic ?? Traffic()
                    return Chart.Bar(
                        label: slot.label,
                        value: Wording.percent(traffic.hitCount, of: traffic.requestCount),
                        height: traffic.requestCount > 0
                            ? Double(traffic.hitCount) / Double(traffic.requestCount) : nil)
                }, top: 1))
    }

    private var bytes: HTML {
        figure(
            "Bytes saved", Wording.bytes(total.savedBytes),
            "\(Wording.bytes(total.servedBytes)) served, \(Wording.bytes(total.upstreamBytes)) fetched",
            chart("bytes", "Bytes saved", \.savedBytes, Wording.bytes))
    }

    private var requests: HTML {
        figure(
            "Upstream requests saved", Wording.count(total.savedRequestCount),
            "\(Wording.count(total.upstreamRequestCount)) were made",
            chart("requests", "Upstream requests saved", \.savedRequestCount) { Wording.count($0) })
    }

    private var outages: HTML {
        figure(
            "Served during outages", Wording.count(total.outageRequestCount),
            total.outageRequestCount == 0
                ? "no request had to be" : "requests that would have failed",
            chart("outages", "Requests served during outages", \.outageRequestCount) {
                Wording.count($0)
            })
    }

    private func figure(_ name: String, _ value: String, _ note: String, _ chart: Chart) -> HTML {
        """
        <div class="card figure"><h3>\(name)</h3><p class="value">\(value)</p>\
        <p class="note">\(note)</p>
        \(chart.html)</div>

        """
    }

    private func chart(
        _ id: String, _ title: String, _ value: KeyPath<Traffic, Int>, _ word: (Int) -> String
    ) -> Chart {
        Chart(
            id: "chart-\(id)", title: "\(title) over \(span)",
            bars: slots.map { slot in
                let number = slot.traffic?[keyPath: value]
                return Chart.Bar(
                    label: slot.label, value: number.map(word) ?? "–",
                    height: number.map(Double.init))
            })
    }

    /// The same as text, for those who want the numbers.
    private var table: HTML {
        let counted = slots.filter { $0.traffic != nil }
        guard !counted.isEmpty else { return "" }
        let rows = counted.reversed().map { slot -> HTML in
            let traffic = slot.traffic ?? Traffic()
            return """
                <tr><th scope="row">\(slot.label)</th><td>\(Wording.count(traffic.requestCount))</td>\
                <td>\(Wording.percent(traffic.hitCount, of: traffic.requestCount))</td>\
                <td>\(Wording.bytes(traffic.servedBytes))</td>\
                <td>\(Wording.bytes(traffic.upstreamBytes))</td>\
                <td>\(Wording.count(traffic.upstreamRequestCount))</td>\
                <td>\(Wording.count(traffic.outageRequestCount))</td></tr>

                """
        }
        return """
            <details><summary>The same in numbers</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="Figures">
            <table><thead><tr><th scope="col">When</th><th scope="col">Requests</th>\
            <th scope="col">Hits</th><th scope="col">Served</th><th scope="col">Fetched</th>\
            <th scope="col">Upstream requests</th><th scope="col">In outages</th></tr></thead>
            <tbody>
            \(rows)</tbody></table></div></details>
            """
    }
}
