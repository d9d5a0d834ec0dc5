internal import HTTPModel

/// Times and durations as operators write them and clients read them.
package enum PolicyTime {
    private static let units: [(name: Character, seconds: Int64)] = [
        ("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    /// Seconds of `7d`, `36h`, `90m`, `2w` or `0`; nil for anything else, and above ten years.
    package static func duration(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        guard let unit = units.first(where: { $0.name == text.last }),
            let number = Int64(text.dropLast()), (0...315_360_000).contains(number)
        else { return nil }
        let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit.seconds)
        return isTooLong || seconds > 315_360_000 ? nil : seconds
    }

    /// Of the largest unit that divides it.
    package static func text(duration: Int64) -> String {
        let unit = units.dropFirst().first { duration % $0.seconds == 0 } ?? ("s", 1)
        return "\(duration / unit.seconds)\(unit.name)"
    }

    /// Seconds since 1970 of `2026-11-23` (its last second with `isEnd`) or `2026-11-23T12:00:00Z`.
    package static func date(_ text: String, isEnd: Bool = false) -> Int64? {
        switch text.utf8.count {
        case 10: Timestamp("\(text)T00:00:00Z".utf8).map { $0.seconds + (isEnd ? 86_399 : 0) }
        case 20: Timestamp(text.utf8)?.seconds
        default: nil
        }
    }
}
