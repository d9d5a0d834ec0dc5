import Linux

/// One line of the log: JSON for programs, words for a terminal.
///
/// Field names are constants where it is made. Control characters are escaped and values are capped (rule L1 of the reliability study).
struct LogLine {
    enum Level: String {
        case info, warning, error
    }

    private static let valueLimit = 512
    private let isTerminal: Bool
    private var text: String

    init(_ level: Level, _ event: String, isTerminal: Bool) {
        self.isTerminal = isTerminal
        let milliseconds = SystemClock.unixMilliseconds
        let stamp = Self.stamp(milliseconds)
        if isTerminal {
            text = "\(stamp) \(level.rawValue.uppercased()) \(event)"
        } else {
            text = #"{"time":"\#(stamp)","level":"\#(level.rawValue)","event":"\#(event)""#
        }
    }

    mutating func add(_ name: StaticString, _ value: String) {
        guard !value.isEmpty else { return }
        let capped = Self.escaped(value)
        text += isTerminal ? " \(name)=\(capped)" : #","\#(name)":"\#(capped)""#
    }

    mutating func add(_ name: StaticString, _ value: Int) {
        text += isTerminal ? " \(name)=\(value)" : #","\#(name)":\#(value)"#
    }

    /// Adds a time in milliseconds with three decimals.
    mutating func add(_ name: StaticString, nanoseconds: UInt64) {
        let fraction = String(nanoseconds / 1_000 % 1_000)
        let padded = String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
        let value = "\(nanoseconds / 1_000_000).\(padded)"
        text += isTerminal ? " \(name)=\(value)" : #","\#(name)":\#(value)"#
    }

    var line: String { isTerminal ? text : text + "}" }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars.prefix(valueLimit) {
            switch scalar.value {
            case 0x22: result += "\\\""
            case 0x5C: result += "\\\\"
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// RFC 3339 in UTC with milliseconds.
    private static func stamp(_ milliseconds: Int) -> String {
        let rest = String(milliseconds % 1_000)
        let fraction = String(repeating: "0", count: 3 - rest.utf8.count) + rest
        return Timestamp.text(Int64(milliseconds / 1_000)).dropLast() + ".\(fraction)Z"
    }
}
