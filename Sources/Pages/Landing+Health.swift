internal import Resources

extension Landing {
    static let incomplete: HTML = """
        <p class="notice">The database does not answer just now, so some of this page is missing. \
        What is stored is served all the same.</p>
        """

    /// What one wants to know first, in words.
    var hero: HTML {
        """
        <div class="hero"><h1>\(headline)</h1>
        <p>\(situation)</p></div>
        """
    }

    private var failing: [Upstream] { upstreams.filter { $0.state != .answers } }

    private var headline: String {
        switch failing.count {
        case 0: "All upstreams answer."
        case 1 where failing[0].state == .isCutOff: "\(failing[0].label) is cut off by a drill."
        case 1: "\(failing[0].label) does not answer."
        default: "\(failing.count) of \(upstreams.count) upstreams do not answer."
        }
    }

    private var situation: String {
        let more = hasMorePackages ? "more than " : ""
        let packages = Wording.count(packageCount, "package", "packages")
        let held = "\(Wording.bytes(byteCount)) of \(more)\(packages)"
        guard !failing.isEmpty else {
            return
                "Larder keeps what was installed through it close, and serves it when a registry "
                + "cannot: \(held) by now."
        }
        return "What is stored is served all the same: \(held). Only what was never asked for "
            + "before has to wait."
    }

    /// How upstreams are, and were for thirty days.
    var health: HTML {
        let today = now / 86_400
        let known = hours.first.map { $0.hour / 24 } ?? today
        let rows = upstreams.enumerated().map { index, upstream in
            row(
                upstream,
                OutageStrip(
                    id: "strip-\(index)", upstream: upstream.label, spans: upstream.outages,
                    lastDay: today, knownFrom: min(known, firstOutageDay(upstream) ?? known)))
        }
        return """
            <section aria-labelledby="upstreams"><h2 id="upstreams">Upstreams</h2>
            <p>Now, and on each of the last \(OutageStrip.dayCount) days, as seen from here.</p>
            <ul class="rows">
            \(rows)</ul>
            <p class="key" aria-hidden="true"><span><i class="good"></i>no outage</span>\
            <span><i class="bad"></i>outage, as high as it was long</span>\
            <span><i></i>not known</span></p>
            </section>
            """
    }

    private func firstOutageDay(_ upstream: Upstream) -> Int64? {
        upstream.outages.map { $0.begin / 86_400 }.min()
    }

    private func row(_ upstream: Upstream, _ strip: OutageStrip) -> HTML {
        let failing = OutageStrip.failingSeconds(upstream.outages, lastDay: now / 86_400)
            .reduce(0, +)
        let known = (now / 86_400 - strip.knownFrom) * 86_400 + now % 86_400
        let span = max(min(known, Int64(OutageStrip.dayCount) * 86_400), 1)
        let share = Wording.percent(Int(max(span - failing, 0)), of: Int(span))
        return """
            <li class="upstream"><span class="who"><b><bdi>\(upstream.label)</bdi></b>\
            \(pill(upstream.state))</span>\(strip.html)<span class="share">\(share)\
            <span class="hidden"> of that time without an outage</span></span></li>

            """
    }

    private func pill(_ state: Upstream.State) -> HTML {
        switch state {
        case .answers: return "<span class=\"pill good\">Answers</span>"
        case .isCutOff: return "<span class=\"pill drill\">Drill</span>"
        case .fails(let since, let count):
            return """
                <span class="pill bad">Down for \(Wording.duration(seconds: now - since))\
                <span class="hidden">, \(Wording.count(count, "request", "requests")) served \
                meanwhile</span></span>
                """
        }
    }

    /// What the guard holds back, drills, and the policy.
    var keeping: HTML {
        let drills = upstreams.filter { $0.state == .isCutOff }.map(\.label)
        let held: HTML =
            heldBackCount == 0
            ? "<p>Nothing. A document that shrinks, gets older or breaks is kept out until somebody looks.</p>"
            : """
            <ul>\(heldBack.map { "<li><b><bdi>\($0)</bdi></b></li>" as HTML })</ul>
            <p>\(Wording.count(heldBackCount, "document has", "documents have")) a newer version that \
            went back; <code>larder accept</code> takes it.</p>
            """
        let rehearsed: HTML =
            drills.isEmpty
            ? "<p>None. <code>larder drill start</code> cuts upstreams off, to see what still installs.</p>"
            : "<p>Cut off: <b>\(drills.joined(separator: ", "))</b>. <code>larder drill stop</code> ends it.</p>"
        let rules: HTML =
            "<p>\(policy ?? "None is set: whatever an upstream offers is served.")</p>"
        return """
            <div class="panels">
            <section class="card panel" aria-labelledby="held"><h2 id="held">Held back</h2>\(held)</section>
            <section class="card panel" aria-labelledby="drills"><h2 id="drills">Drills</h2>\(rehearsed)</section>
            <section class="card panel" aria-labelledby="policy"><h2 id="policy">Policy</h2>\(rules)</section>
            </div>
            """
    }
}
