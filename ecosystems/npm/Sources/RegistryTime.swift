internal import HTTPModel

/// A registry's time: `2020-10-10T12:34:56.789Z` (RFC 3339, as JavaScript writes it).
struct RegistryTime: Sendable, Hashable {
    /// Whole seconds since 1970.
    let seconds: Int64
    let hasFraction: Bool

    /// The first whole second that is not before it.
    var secondsRoundedUp: Int64 { hasFraction ? seconds + 1 : seconds }

    /// Nil unless the text has this form and is a date in UTC.
    init?(_ text: some Collection<UInt8>) {
        let bytes = Array(text)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            Self.matches(bytes, "0000-00-00T00:00:00")
        else { return nil }
        let fraction = bytes[19..<bytes.count - 1]
        guard fraction.isEmpty || fraction.first == UInt8(ascii: "."),
            fraction.dropFirst().allSatisfy({ $0 &- 0x30 < 10 })
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
        guard CivilDate(daysSince1970: days) == date else { return nil }
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        hasFraction = fraction.contains { $0 &- 0x31 < 9 }
    }

    /// Whether `bytes` begin as `form`, where a zero stands for any digit.
    private static func matches(_ bytes: [UInt8], _ form: String) -> Bool {
        zip(bytes, form.utf8).allSatisfy { byte, expected in
            expected == 0x30 ? byte &- 0x30 < 10 : byte == expected
        }
    }
}
