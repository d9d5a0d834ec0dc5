internal import HTTPModel

/// A time of an index as clients read it: RFC 3339, which is all that Go's decoder takes.
struct IndexTime: Sendable, Hashable {
    /// As it came when it was RFC 3339 already, else written anew.
    let text: [UInt8]
    let secondsSince1970: Int64
    /// The fraction's digits, to compare by.
    let fraction: [UInt8]

    /// Nil for what is no time.
    ///
    /// Beside RFC 3339 a space for the `T`, small letters, a date alone, a zone without its colon,
    /// no zone (UTC, as YAML 1.1 says) and Go's ` UTC` behind the zone are understood.
    init?(_ source: some Collection<UInt8>) {
        var parser = TimeParser(rest: Array(source)[...])
        guard let date = parser.date() else { return nil }
        var time = TimeOfDay()
        var zone = TimeZoneText.utc
        if !parser.rest.isEmpty {
            guard parser.separator(), let found = parser.timeOfDay(), let offset = parser.zone()
            else { return nil }
            time = found
            zone = offset
        }
        secondsSince1970 =
            date.days * 86_400 + time.hour * 3_600 + time.minute * 60 + time.second - zone.seconds
        fraction = time.fraction
        var text = date.text + [UInt8(ascii: "T")] + time.text
        if !time.fraction.isEmpty { text += [UInt8(ascii: ".")] + time.fraction }
        self.text = text + zone.text
    }

    /// Whether this is later than `other`.
    func isLater(than other: IndexTime) -> Bool {
        guard secondsSince1970 == other.secondsSince1970 else {
            return secondsSince1970 > other.secondsSince1970
        }
        return other.fraction.lexicographicallyPrecedes(fraction)
    }
}

private struct DateText {
    let text: [UInt8]
    let days: Int64
}

private struct TimeOfDay {
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var text = Array("00:00:00".utf8)
    var fraction: [UInt8] = []
}

private struct TimeZoneText {
    let text: [UInt8]
    let seconds: Int64

    static let utc = TimeZoneText(text: [UInt8(ascii: "Z")], seconds: 0)
}

private struct TimeParser {
    var rest: ArraySlice<UInt8>

    /// `YYYY-MM-DD`, as the Gregorian calendar has it.
    mutating func date() -> DateText? {
        let text = Array(rest.prefix(10))
        guard text.count == 10, text[4] == dash, text[7] == dash,
            let year = number(text[0..<4]), let month = number(text[5..<7]),
            let day = number(text[8..<10]), (1...12).contains(month),
            day >= 1, day <= Self.days(in: month, of: year)
        else { return nil }
        rest = rest.dropFirst(10)
        let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
        return DateText(text: text, days: date.daysSince1970)
    }

    /// `T`, `t` or spaces.
    mutating func separator() -> Bool {
        guard let first = rest.first else { return false }
        if first | 0x20 == UInt8(ascii: "t") {
            rest = rest.dropFirst()
            return true
        }
        let spaces = rest.prefix { $0 == 0x20 || $0 == 0x09 }
        rest = rest.dropFirst(spaces.count)
        return !spaces.isEmpty
    }

    /// `HH:MM:SS`, with a fraction or without.
    mutating func timeOfDay() -> TimeOfDay? {
        let text = Array(rest.prefix(8))
        guard text.count == 8, text[2] == colon, text[5] == colon,
            let hour = number(text[0..<2]), let minute = number(text[3..<5]),
            let second = number(text[6..<8]), hour < 24, minute < 60, second < 60
        else { return nil }
        rest = rest.dropFirst(8)
        var time = TimeOfDay(hour: hour, minute: minute, second: second, text: text)
        guard rest.first == UInt8(ascii: ".") else { return time }
        time.fraction = Array(rest.dropFirst().prefix(while: ScalarText.isDigit))
        guard (1...20).contains(time.fraction.count) else { return nil }
        rest = rest.dropFirst(1 + time.fraction.count)
        return time
    }

    /// Nothing, `Z`, `+HH:MM`, `+HHMM` or `+HH`, to the end of the text.
    mutating func zone() -> TimeZoneText? {
        rest = rest.drop { $0 == 0x20 }
        if rest.elementsEqual("UTC".utf8) || rest.isEmpty { return .utc }
        if rest.suffix(4).elementsEqual(" UTC".utf8) { rest = rest.dropLast(4) }
        guard let sign = rest.first else { return nil }
        if rest.count == 1, sign | 0x20 == UInt8(ascii: "z") { return .utc }
        let digits = rest.dropFirst().filter { $0 != colon }
        guard sign == UInt8(ascii: "+") || sign == dash, (2...4).contains(digits.count),
            digits.count != 3, let hours = number(digits[0..<2]),
            let minutes = digits.count == 2 ? 0 : number(digits[2..<4]), hours < 24, minutes < 60
        else { return nil }
        let tail = digits.count == 2 ? Array("00".utf8) : Array(digits[2..<4])
        let seconds = hours * 3_600 + minutes * 60
        return TimeZoneText(
            text: [sign] + digits[0..<2] + [colon] + tail,
            seconds: sign == dash ? -seconds : seconds)
    }

    private func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard ScalarText.isDigit(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private var dash: UInt8 { UInt8(ascii: "-") }
    private var colon: UInt8 { UInt8(ascii: ":") }
}
