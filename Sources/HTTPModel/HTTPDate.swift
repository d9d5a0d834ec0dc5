/// A date in whole seconds since 1970, and its form in headers (RFC 9110 section 5.6.7).
package struct HTTPDate: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    package static func < (left: HTTPDate, right: HTTPDate) -> Bool {
        left.seconds < right.seconds
    }

    private static let dayNames = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the two obsolete forms: `Sunday, 06-Nov-94
    /// 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
    ///
    /// Names may be in any case (RFC 9111 section 4.2), and the weekday may be wrong. Years of two
    /// digits are those from 1970 to 2069.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let form = Self.current(words) ?? Self.dashed(words) ?? Self.asctime(words),
            let day = form.day, (1...31).contains(day), let year = form.year,
            let month = Self.month(form.month)
        else { return nil }
        let clock = form.clock.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = Self.number(clock[0], digits: 2), hour < 24,
            let minute = Self.number(clock[1], digits: 2), minute < 60,
            let second = Self.number(clock[2], digits: 2), second <= 60
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        // 31 February would be a day in March.
        guard CivilDate(daysSince1970: days).day == day else { return nil }
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    /// The parts of a date in any form; a number that is none is nil.
    private struct Form {
        let day: Int?
        let month: Substring
        let year: Int?
        let clock: Substring
    }

    /// IMF-fixdate.
    private static func current(_ words: [Substring]) -> Form? {
        guard words.count == 6, isGMT(words[5]), words[0].utf8.count == 4 else { return nil }
        return Form(
            day: number(words[1], digits: 2), month: words[2],
            year: number(words[3], digits: 4), clock: words[4])
    }

    /// RFC 850's form.
    private static func dashed(_ words: [Substring]) -> Form? {
        guard words.count == 4, isGMT(words[3]), words[0].utf8.last == 0x2C else { return nil }
        let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let year = number(parts[2], digits: 2).map { $0 < 70 ? 2_000 + $0 : 1_900 + $0 }
        return Form(
            day: number(parts[0], digits: 2), month: parts[1], year: year, clock: words[2])
    }

    /// The form of C's asctime, in which a day of one digit has two spaces before it.
    private static func asctime(_ words: [Substring]) -> Form? {
        let isPadded = words.count == 6 && words[2].isEmpty
        guard isPadded || words.count == 5, words[0].utf8.count == 3 else { return nil }
        let rest = words.suffix(3)
        return Form(
            day: number(rest[rest.startIndex], digits: isPadded ? 1 : 2), month: words[1],
            year: number(rest[rest.startIndex + 2], digits: 4), clock: rest[rest.startIndex + 1])
    }

    private static func isGMT(_ word: Substring) -> Bool {
        String(word).asciiLowercased == "gmt"
    }

    /// 1 to 12.
    private static func month(_ name: Substring) -> Int? {
        let wanted = String(name)
        let index =
            monthNames.firstIndex(of: wanted)
            ?? monthNames.firstIndex { $0.asciiLowercased == wanted.asciiLowercased }
        return index.map { $0 + 1 }
    }

    /// The IMF-fixdate of this second.
    package var text: String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = Int(seconds - days * 86_400)
        let date = CivilDate(daysSince1970: days)
        let weekday = Self.dayNames[Int(((days % 7) + 7) % 7)]
        return "\(weekday), \(Self.padded(date.day)) \(Self.monthNames[date.month - 1]) "
            + "\(Self.padded(date.year, to: 4)) \(Self.padded(rest / 3_600)):"
            + "\(Self.padded(rest / 60 % 60)):\(Self.padded(rest % 60)) GMT"
    }

    private static func padded(_ number: Int, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }
}

/// A day of the proleptic Gregorian calendar.
package struct CivilDate: Sendable, Hashable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Counts years from March, so that the leap day is the last of its year.
    package init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    package var daysSince1970: Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
