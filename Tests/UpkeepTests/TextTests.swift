import Testing
import Upkeep

/// What people read while they wait.
struct TextTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var testDescription: String { text }
        let progress: UpkeepProgress
        let seconds: Double
        let text: String
    }

    private static func progress(
        _ count: Int, _ bytes: Int, of total: Int? = nil, _ totalBytes: Int? = nil
    ) -> UpkeepProgress {
        var progress = UpkeepProgress(phase: "p", totalCount: total, totalByteCount: totalBytes)
        progress.count = count
        progress.byteCount = bytes
        return progress
    }

    static let lines = [
        Line(progress: progress(3, 0), seconds: 0, text: "p  3"),
        Line(
            progress: progress(5, 2_048, of: 10, 4_096), seconds: 2,
            text: "p  [############............] 50 %  5  2.0 KiB  1.0 KiB/s  0:02 left"),
        Line(
            progress: progress(9, 0, of: 4), seconds: 5,
            text: "p  [########################] 100 %  9"),
        Line(
            progress: progress(1, 0, of: 7_400), seconds: 1,
            text: "p  [........................] 0 %  1  2:03:19 left"),
    ]

    @Test("one line says how far it is", arguments: lines)
    func line(_ line: Line) {
        #expect(ProgressText.line(line.progress, seconds: line.seconds) == line.text)
    }

    @Test(
        "ages",
        arguments: [
            ("36h", 129_600), ("90m", 5_400), ("2d", 172_800), ("45s", 45), ("7", nil), ("h", nil),
            ("-1h", nil), ("9223372036854775807d", nil), ("", nil), ("1 h", nil),
        ] as [(String, Int64?)])
    func age(_ text: String, _ seconds: Int64?) {
        #expect(AgeText.seconds(text) == seconds)
    }
}
