import Foundation
import LockFiles
import Testing

/// How long reading takes.
extension LockFileTests {
    struct Length: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let name: String
        let text: @Sendable (_ count: Int) -> String
    }

    static let lengths = [
        Length(testDescription: "packages that no registry has", name: "uv.lock") { count in
            "version = 1\n"
                + (0..<count).map { number in
                    "[[package]]\nname = \"p\(number)\"\nsource = { git = \"x\" }\n"
                }.joined()
        },
        Length(testDescription: "hashes of one requirement", name: "requirements.txt") { count in
            let hash = String(repeating: "ab", count: 32)
            return "a==1.0"
                + (0..<count).map { _ in " \\\n  --hash=sha256:\(hash)" }.joined() + "\n"
        },
    ]

    /// Quadratic reading takes 16 times as long for four times as much.
    @Test("the time grows as the file does", .timeLimit(.minutes(1)), arguments: lengths)
    func time(_ row: Length) throws {
        func seconds(_ count: Int) throws -> Double {
            let bytes = Array(row.text(count).utf8)
            let before = clock()
            _ = try LockedPackages.read(bytes, name: row.name)
            return Double(clock() - before)
        }
        _ = try seconds(100)
        let ratios = try (0..<3).map { _ in try seconds(8_000) / max(seconds(2_000), 1) }
        #expect(ratios.contains { $0 < 10 }, "\(ratios)")
    }
}
