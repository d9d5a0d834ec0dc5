import HTTPModel

/// Lines of the log as bytes, one after the other.
///
/// Control characters are escaped and values are capped (rule L1 of the reliability study). What lines
/// of one second and of one client have in common is made once.
struct LogFields: Sendable {
    private static let valueLimit = 512
    let isText: Bool
    private(set) var bytes: [UInt8] = []
    /// The last second, and its text up to the point before the milliseconds.
    private var second = (number: -1, text: [UInt8]())
    private var client = (address: IPAddress?.none, text: [UInt8]())

    init(isText: Bool) {
        self.isText = isText
        bytes.reserveCapacity(256)
    }

    // MARK: Fields

    mutating func add(_ name: LogName, _ value: String) {
        guard !value.isEmpty else { return }
        begin(name)
        if !isText { bytes.append(0x22) }
        escape(value)
        if !isText { bytes.append(0x22) }
    }

    mutating func add(_ name: LogName, _ value: Int) {
        begin(name)
        if value < 0 { bytes.append(0x2D) }
        append(value.magnitude)
    }

    /// Adds a time in milliseconds with three decimals.
    mutating func add(_ name: LogName, nanoseconds: UInt64) {
        begin(name)
        append(UInt(nanoseconds / 1_000_000))
        bytes.append(0x2E)
        append(UInt(nanoseconds / 1_000 % 1_000), digits: 3)
    }

    mutating func add(_ name: LogName, _ address: IPAddress?) {
        guard let address else { return }
        if client.address != address { client = (address, Array(address.description.utf8)) }
        begin(name)
        if !isText { bytes.append(0x22) }
        bytes.append(contentsOf: client.text)
        if !isText { bytes.append(0x22) }
    }

    // MARK: Parts

    /// Adds what was made before.
    mutating func append(_ made: [UInt8]) { bytes.append(contentsOf: made) }

    /// Adds text that needs no escaping.
    mutating func append(plain text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ number: UInt, digits: Int = 1) {
        var divisor: UInt = 1
        for _ in 1..<max(digits, 1) { divisor *= 10 }
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Adds a time as RFC 3339 has it, in UTC with milliseconds; `milliseconds` are those since 1970.
    mutating func append(time milliseconds: Int) {
        let number = milliseconds / 1_000
        if second.number != number { second = (number, Self.text(of: number)) }
        bytes.append(contentsOf: second.text)
        append(UInt(milliseconds % 1_000), digits: 3)
        bytes.append(0x5A)
    }

    /// A second as `2026-11-23T12:00:00.`.
    private static func text(of second: Int) -> [UInt8] {
        let date = CivilDate(daysSince1970: Int64(second / 86_400))
        var text = LogFields(isText: true)
        text.append(UInt(date.year), digits: 4)
        for (mark, number) in [
            (0x2D, date.month), (0x2D, date.day), (0x54, second % 86_400 / 3_600),
            (0x3A, second / 60 % 60), (0x3A, second % 60),
        ] {
            text.bytes.append(UInt8(mark))
            text.append(UInt(number), digits: 2)
        }
        text.bytes.append(0x2E)
        return text.bytes
    }

    private mutating func begin(_ name: LogName) {
        bytes.append(contentsOf: isText ? name.text : name.json)
    }

    private mutating func escape(_ value: String) {
        guard value.utf8.count > Self.valueLimit || Self.hasSpecials(value) else {
            append(plain: value)
            return
        }
        for scalar in value.unicodeScalars.prefix(Self.valueLimit) {
            switch scalar.value {
            case 0x22: append(plain: "\\\"")
            case 0x5C: append(plain: "\\\\")
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                let hex = String(scalar.value, radix: 16)
                append(plain: "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex)
            default: append(plain: String(scalar))
            }
        }
    }

    /// Whether there is anything but printable ASCII without quotes and backslashes.
    private static func hasSpecials(_ value: String) -> Bool {
        let bytes = value.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return true }
        }
        return false
    }
}

/// The name of a field, ready for both forms of a line.
struct LogName: Sendable, ExpressibleByStringLiteral {
    fileprivate let json: [UInt8]
    fileprivate let text: [UInt8]

    init(_ name: StaticString) {
        json = Array(",\"\(name)\":".utf8)
        text = Array(" \(name)=".utf8)
    }

    init(stringLiteral name: StaticString) { self.init(name) }
}
