/// How far a piece of work is, in words.
package enum ProgressText {
    private static let barWidth = 24

    /// One line: phase, bar where there is a total, count, bytes, speed and the time that is left.
    package static func line(_ progress: UpkeepProgress, seconds: Double) -> String {
        var parts = [progress.phase]
        let share = share(of: progress)
        if let share {
            let filled = Int(Double(barWidth) * share)
            let bar =
                String(repeating: "#", count: filled)
                + String(repeating: ".", count: barWidth - filled)
            parts.append("[\(bar)] \(Int(share * 100)) %")
        }
        parts.append("\(progress.count)")
        if progress.byteCount > 0 {
            parts.append(size(progress.byteCount))
            if seconds > 0 { parts.append(size(Int(Double(progress.byteCount) / seconds)) + "/s") }
        }
        if let share, share > 0, share < 1, seconds >= 1 {
            parts.append("\(time(Int(seconds / share * (1 - share)))) left")
        }
        return parts.joined(separator: "  ")
    }

    /// The part that is done, by bytes if they are known.
    private static func share(of progress: UpkeepProgress) -> Double? {
        let pairs = [
            (progress.byteCount, progress.totalByteCount), (progress.count, progress.totalCount),
        ]
        for case (let done, let total?) in pairs where total > 0 {
            return min(Double(done) / Double(total), 1)
        }
        return nil
    }

    /// A size with its unit, of powers of 1,024.
    package static func size(_ byteCount: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var value = Double(byteCount)
        var unit = 0
        while value >= 1_024, unit < units.count - 1 {
            value /= 1_024
            unit += 1
        }
        guard unit > 0 else { return "\(byteCount) B" }
        let tenths = Int(value * 10)
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// A span of seconds as `3:07` or `2:03:07`.
    package static func time(_ seconds: Int) -> String {
        let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60)
        let padded = rest < 10 ? "0\(rest)" : "\(rest)"
        guard hours > 0 else { return "\(minutes):\(padded)" }
        return "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(padded)"
    }
}
