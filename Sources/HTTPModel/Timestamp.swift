/// A time in UTC as documents, services and people write it: `2020-10-10T12:34:56.789Z`.
///
/// Source: RFC 3339 section 5.6.
package struct Timestamp: Sendable, Hashable {
    /// Whole seconds since 1970.
    package let seconds: Int64
    /// Whether a part of a second comes on top of them.
    package let hasFraction: Bool

    /// The first whole second that is not before it.
    package var secondsRoundedUp: Int64 { hasFraction ? seconds + 1 : seconds }

    /// Nil unless the text has this form, with a fraction or without, and is a date.
    package init?(_ text: some Collection<UInt8>) {
        let bytes = Array(text)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            Self.matches(bytes, "0000-00-00T00:00:00"),
            let hasFraction = Self.fraction(bytes[19..<bytes.count - 1])
        else { return nil }
        func number(_ start: Int, _ count: Int) -> Int {
            bytes[start..<start + count].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        let date = CivilDate(year: number(0, 4), month: number(5, 2), day: number(8, 2))
        let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
        guard (1...12).contains(date.month), (1...31).contains(date.day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        let days = date.daysSince1970
        // 31 February would be a day in March.
        guard CivilDate(daysSince1970: days) == date else { return nil }
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        self.hasFraction = hasFraction
    }

    /// Whether `bytes` begin as `form`, where a zero stands for any digit.
    private static func matches(_ bytes: [UInt8], _ form: String) -> Bool {
        zip(bytes, form.utf8).allSatisfy { byte, expected in
            expected == 0x30 ? byte &- 0x30 < 10 : byte == expected
        }
    }

    /// Whether a fraction is more than nothing; nil for what is none.
    private static func fraction(_ bytes: ArraySlice<UInt8>) -> Bool? {
        guard let point = bytes.first else { return false }
        let digits = bytes.dropFirst()
        guard point == UInt8(ascii: "."), !digits.isEmpty,
            digits.allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        return digits.contains { $0 != 0x30 }
    }

    /// `2026-11-30T09:12:00Z`, of a second since 1970.
    package static func text(_ second: Int64) -> String {
        let days = second >= 0 ? second / 86_400 : (second - 86_399) / 86_400
        let date = CivilDate(daysSince1970: days)
        let rest = second - days * 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(Int64(date.month)))-\(two(Int64(date.day)))T"
            + "\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// `20261130T091200Z`, the basic format of ISO 8601.
    package static func basicText(_ second: Int64) -> String {
        text(second).filter { $0 != "-" && $0 != ":" }
    }
}
