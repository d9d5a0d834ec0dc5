import HTTPModel

/// Times as people and programs read them.
enum Timestamp {
    /// RFC 3339 in UTC, from seconds since 1970.
    static func text(_ second: Int64) -> String {
        let date = CivilDate(daysSince1970: second / 86_400)
        let rest = second % 86_400
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(Int64(date.month)))-\(two(Int64(date.day)))"
            + "T\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
