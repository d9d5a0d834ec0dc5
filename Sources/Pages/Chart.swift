/// A small bar chart, drawn here: no script, and words for who does not see it.
struct Chart {
    struct Bar {
        /// When: `23 Nov`, `14:00`.
        let label: String
        /// How much, in words: `93 %`.
        let value: String
        /// From 0 to ``Chart/top``; nil where nothing was counted.
        let height: Double?
    }

    /// A name for its parts within the page.
    let id: String
    let title: String
    let bars: [Bar]
    /// The height of a full bar; that of the highest one when nil.
    var top: Double?

    private static let height = 100.0
    private static let step = 20.0

    var html: HTML {
        let width = Self.step * Double(max(bars.count, 1))
        let top = max(top ?? bars.compactMap(\.height).max() ?? 0, .leastNormalMagnitude)
        let drawn = bars.enumerated().map { index, bar in
            draw(bar, at: Double(index) * Self.step, top: top)
        }
        return """
            <figure class="chart">
            <svg viewBox="0 0 \(Self.text(width)) 100" preserveAspectRatio="none" role="img" \
            aria-labelledby="\(id)-title \(id)-words">
            <title id="\(id)-title">\(title)</title>
            <desc id="\(id)-words">\(words)</desc>
            \(drawn)</svg>
            <figcaption><span>\(bars.first?.label ?? "")</span>\
            <span>\(bars.last?.label ?? "")</span></figcaption>
            </figure>
            """
    }

    private func draw(_ bar: Bar, at x: Double, top: Double) -> HTML {
        guard let value = bar.height else {
            return """
                <rect class="none" x="\(Self.text(x + 3))" y="98" width="14" height="2"></rect>
                """
        }
        // What is not nothing can be seen.
        let height = value > 0 ? max(min(value / top, 1) * Self.height, 3) : 2
        return """
            <rect class="bar" x="\(Self.text(x + 3))" y="\(Self.text(Self.height - height))" \
            width="14" height="\(Self.text(height))"><title>\(bar.label): \(bar.value)</title></rect>

            """
    }

    /// What the chart shows, in a sentence.
    private var words: String {
        let counted = bars.filter { $0.height != nil }
        guard let last = counted.last,
            let most = counted.max(by: { ($0.height ?? 0) < ($1.height ?? 0) }),
            let least = counted.min(by: { ($0.height ?? 0) < ($1.height ?? 0) })
        else { return "Nothing was counted yet." }
        return "Most: \(most.value) (\(most.label)). Least: \(least.value) (\(least.label)). "
            + "Last: \(last.value) (\(last.label))."
    }

    private static func text(_ number: Double) -> String { Wording.decimal(number, places: 1) }
}
