/// The last days of one upstream, a mark each: how much of the day it did not answer.
package struct OutageStrip: Sendable, Hashable {
    package static let dayCount = 30

    /// From when to when, in seconds since 1970; the end is that of now where it goes on.
    package struct Span: Sendable, Hashable {
        package let begin: Int64
        package let end: Int64

        package init(begin: Int64, end: Int64) {
            self.begin = begin
            self.end = end
        }
    }

    /// Seconds of outage on each day, oldest first; spans that overlap count once.
    package static func failingSeconds(_ spans: [Span], lastDay: Int64) -> [Int64] {
        var seconds = [Int64](repeating: 0, count: dayCount)
        let first = lastDay - Int64(dayCount) + 1
        var counted = Int64.min
        for span in spans.sorted(by: { $0.begin < $1.begin }) {
            let begin = max(span.begin, counted, first * 86_400)
            let end = min(span.end, (lastDay + 1) * 86_400)
            counted = max(counted, span.end)
            guard begin < end else { continue }
            for day in begin / 86_400...(end - 1) / 86_400 {
                let part = min(end, (day + 1) * 86_400) - max(begin, day * 86_400)
                seconds[Int(day - first)] += part
            }
        }
        return seconds
    }

    /// A name for its parts within the page.
    let id: String
    let upstream: String
    let spans: [Span]
    let lastDay: Int64
    /// The first day of which anything is known.
    let knownFrom: Int64

    var html: HTML {
        let seconds = Self.failingSeconds(spans, lastDay: lastDay)
        let first = lastDay - Int64(Self.dayCount) + 1
        let marks = seconds.enumerated().map { index, failing in
            mark(index, day: first + Int64(index), failing)
        }
        return """
            <svg class="strip" viewBox="0 0 300 28" preserveAspectRatio="none" role="img" \
            aria-labelledby="\(id)-title \(id)-words">
            <title id="\(id)-title">\(upstream), the last \(Self.dayCount) days</title>
            <desc id="\(id)-words">\(words(seconds, first))</desc>
            \(marks)</svg>
            """
    }

    private func mark(_ index: Int, day: Int64, _ failing: Int64) -> HTML {
        let x = "\(index * 10 + 1)"
        let name = Wording.day(day)
        guard failing > 0 else {
            let isKnown = day >= knownFrom
            return """
                <rect class="\(isKnown ? "good" : "none")" x="\(x)" y="0" width="7" height="28">\
                <title>\(name): \(isKnown ? "no outage" : "not known")</title></rect>

                """
        }
        // An outage of a minute must not look like none.
        let height = max(Double(failing) / 86_400 * 28, 9)
        return """
            <rect class="good" x="\(x)" y="0" width="7" height="28"></rect>\
            <rect class="bad" x="\(x)" y="\(Wording.decimal(28 - height, places: 1))" width="7" \
            height="\(Wording.decimal(height, places: 1))">\
            <title>\(name): \(Wording.duration(seconds: failing)) of outage</title></rect>

            """
    }

    private func words(_ seconds: [Int64], _ first: Int64) -> String {
        let bad = seconds.enumerated().filter { $0.element > 0 }
        guard !bad.isEmpty else { return "No outage." }
        return bad.map { index, failing in
            "\(Wording.day(first + Int64(index))): \(Wording.duration(seconds: failing))"
        }.joined(separator: "; ") + "."
    }
}
