/// Ages as people write them.
package enum AgeText {
    /// The seconds in `36h`, `90m`, `2d` or `45s`; nil for anything else.
    package static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }),
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text.dropLast())
        else { return nil }
        let (seconds, overflows) = number.multipliedReportingOverflow(by: unit)
        return overflows ? nil : seconds
    }
}
