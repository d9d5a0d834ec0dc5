internal import Ecosystems
internal import HTTPModel

/// The time of an upload: `2021-08-09T03:44:44.908766Z`.
///
/// Source: PEP 700; an offset in place of `Z` is read as well, since ISO 8601 allows it.
enum UploadTime {
    /// Seconds since 1970, or nil when it is no such time.
    static func secondsSince1970(_ text: Span<UInt8>) -> Int64? {
        guard text.count >= 20, text[4] == 0x2D, text[7] == 0x2D, text[10] | 0x20 == 0x74,
            text[13] == 0x3A, text[16] == 0x3A,
            let year = number(text, 0..<4), let month = number(text, 5..<7),
            let day = number(text, 8..<10), let hour = number(text, 11..<13),
            let minute = number(text, 14..<16), let second = number(text, 17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var end = 19
        if text[end] == 0x2E {
            end += 1
            while end < text.count, ByteSet.decimalDigits.contains(text[end]) { end += 1 }
            guard (1...9).contains(end - 20) else { return nil }
        }
        guard let offset = offsetSeconds(text.extracting(end...)) else { return nil }
        let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
        let days = date.daysSince1970
        // 30 February would be a day in March.
        guard CivilDate(daysSince1970: days) == date else { return nil }
        return days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    }

    static func secondsSince1970(_ text: ArraySlice<UInt8>) -> Int64? {
        secondsSince1970(text.span)
    }

    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for index in range {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    private static func offsetSeconds(_ text: Span<UInt8>) -> Int64? {
        if text.count == 1, text[0] | 0x20 == 0x7A { return 0 }
        guard text.count == 6, text[0] == 0x2B || text[0] == 0x2D, text[3] == 0x3A,
            let hours = number(text, 1..<3), let minutes = number(text, 4..<6), hours < 24,
            minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return text[0] == 0x2B ? seconds : -seconds
    }
}
