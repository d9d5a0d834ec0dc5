internal import HTTPModel

/// Numbers, sizes and times as people read them.
package enum Wording {
    /// `1,204`.
    package static func count(_ number: Int) -> String {
        let digits = "\(number.magnitude)"
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "−\(text)" : text
    }

    /// `1 file`, `12 files`.
    package static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(count(number)) \(number == 1 ? one : many)"
    }

    /// In binary units with three significant digits: `312 B`, `1.42 GiB`.
    package static func bytes(_ number: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(number.magnitude)
        var unit = 0
        while value >= 999.5, unit + 1 < units.count {
            value /= 1_024
            unit += 1
        }
        let sign = number < 0 ? "−" : ""
        let places = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
        return "\(sign)\(decimal(value, places: places)) \(units[unit])"
    }

    /// `93.4 %`; a hundred only where nothing is missing.
    package static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "–" }
        if part >= whole { return "100 %" }
        let thousandths = Int((Double(part) * 1_000 / Double(whole)).rounded(.down))
        return "\(decimal(Double(max(thousandths, 0)) / 10, places: 1)) %"
    }

    /// Rounded, with that many places: a floating-point number's own text has as many as it likes.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 0 ? 1 : places == 1 ? 10 : 100
        let scaled = Int((value * Double(scale)).rounded())
        guard places > 0 else { return "\(scaled)" }
        let rest = "\(scaled % scale)"
        let zeros = String(repeating: "0", count: max(places - rest.count, 0))
        return "\(scaled / scale).\(zeros)\(rest)"
    }

    /// `3 s`, `4 min`, `2 h 5 min`, `3 d 4 h`.
    package static func duration(seconds: Int64) -> String {
        let seconds = max(seconds, 0)
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3_600 { return "\(seconds / 60) min" }
        if seconds < 86_400 {
            let minutes = seconds / 60 % 60
            return "\(seconds / 3_600) h" + (minutes > 0 ? " \(minutes) min" : "")
        }
        let hours = seconds / 3_600 % 24
        return "\(seconds / 86_400) d" + (hours > 0 ? " \(hours) h" : "")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `23 Nov`, of a day since 1970.
    static func day(_ day: Int64) -> String {
        let date = CivilDate(daysSince1970: day)
        return "\(date.day) \(months[(Int(date.month) + 11) % 12])"
    }

    /// `23 Nov 2026, 14:02 UTC`, of a second since 1970.
    package static func moment(_ second: Int64) -> String {
        let days = second >= 0 ? second / 86_400 : (second - 86_399) / 86_400
        return "\(day(days)) \(CivilDate(daysSince1970: days).year), \(clock(second)) UTC"
    }

    /// `14:02`, of a second since 1970.
    static func clock(_ second: Int64) -> String {
        let rest = ((second % 86_400) + 86_400) % 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(rest / 3_600)):\(two(rest / 60 % 60))"
    }

    /// `just now`, `4 min ago`.
    package static func ago(_ second: Int64, at now: Int64) -> String {
        let passed = now - second
        if passed < 60 { return "just now" }
        if passed >= 30 * 86_400 { return "on \(day(second / 86_400))" }
        if passed >= 86_400 { return "\(passed / 86_400) d ago" }
        return passed >= 3_600 ? "\(passed / 3_600) h ago" : "\(passed / 60) min ago"
    }

    /// A time that is read as it was, and shown as how long ago that is.
    static func time(_ second: Int64, at now: Int64) -> HTML {
        "<time title=\"\(moment(second))\">\(ago(second, at: now))</time>"
    }
}
