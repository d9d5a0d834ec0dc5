internal import HTTPModel

/// A second since 1970 in the forms that cloud services write.
package enum UTCTime {
    /// `20130524T000000Z`, as AWS signs it.
    package static func basic(_ second: Int64) -> String {
        let (date, rest) = parts(second)
        return date.year.padded(4) + date.month.padded(2) + date.day.padded(2) + "T"
            + (rest / 3_600).padded(2) + (rest / 60 % 60).padded(2) + (rest % 60).padded(2) + "Z"
    }

    /// Reads `2026-11-23T04:37:24Z`, with or without a fraction; any other form is nil.
    package static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            [4, 7].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            [13, 16].allSatisfy({ bytes[$0] == UInt8(ascii: ":") }),
            bytes[10] == UInt8(ascii: "T"), isFraction(bytes[19..<bytes.count - 1]),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
            let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        return days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    private static func parts(_ second: Int64) -> (CivilDate, rest: Int) {
        let days = second >= 0 ? second / 86_400 : (second - 86_399) / 86_400
        return (CivilDate(daysSince1970: days), Int(second - days * 86_400))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func isFraction(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let point = bytes.first else { return true }
        return point == UInt8(ascii: ".") && bytes.count > 1 && number(bytes.dropFirst()) != nil
    }
}

extension Int {
    /// Decimal digits, filled up with zeros to `width`.
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
