/// The number that an index gives to its last change, as documents carry it.
///
/// Source: Warehouse, which writes it, and bandersnatch and devpi, which compare it.
enum Serial {
    /// Its key in the `meta` of a JSON page and of the list of projects.
    static let key = "_last-serial"

    /// Decimal digits, few enough for the type; nil for anything else.
    static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard (1...18).contains(digits.count) else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int64(digit - 0x30)
        }
        return number
    }

    /// That of an HTML page, which ends with `<!--SERIAL 123-->`; nil where there is none.
    static func ofPage(_ bytes: [UInt8]) -> Int64? {
        let spaces = bytes.reversed().prefix(8).prefix { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let tail = bytes.dropLast(spaces.count).suffix(start.count + 18 + end.count)
        guard tail.suffix(end.count).elementsEqual(end) else { return nil }
        let inner = tail.dropLast(end.count)
        let digits = inner.reversed().prefix { (0x30...0x39).contains($0) }.count
        guard inner.dropLast(digits).suffix(start.count).elementsEqual(start) else { return nil }
        return number(inner.suffix(digits))
    }

    private static let start = Array("<!--SERIAL ".utf8)
    private static let end = Array("-->".utf8)
}
