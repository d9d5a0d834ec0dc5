import Foundation
import Support
import Testing

extension EndToEnd {
    /// What `larder completions` prints, in the shells that it is for.
    @Suite(
        .enabled(if: Machine.hasShells, "bash, zsh or fish is missing; scripts/setup --tests"))
    struct Shells {
        struct Row: Sendable, CustomTestStringConvertible {
            let line: String
            let has: [String]
            var hasNot: [String] = []
            var testDescription: String { line }
        }

        static let rows = [
            Row(line: "larder wa", has: ["warm"], hasNot: ["serve"]),
            Row(line: "larder ", has: ["warm", "serve", "config", "drill", "completions"]),
            Row(line: "larder config ", has: ["check", "show", "default"], hasNot: ["serve"]),
            Row(line: "larder drill st", has: ["start", "stop", "status"], hasNot: ["serve"]),
            Row(line: "larder warm --con", has: ["--concurrency", "--config"], hasNot: ["--json"]),
            Row(line: "larder config check --li", has: ["--listen"]),
            Row(line: "larder gc --d", has: ["--dry-run", "--data"], hasNot: ["--force"]),
            Row(line: "larder completions ", has: ["bash", "zsh", "fish"]),
            Row(line: "larder warm requ", has: ["requirements.txt"]),
        ]

        @Test("completions in bash, zsh and fish", .timeLimit(.minutes(1)), arguments: rows)
        func completion(_ row: Row) async throws {
            let folder = try TemporaryFolder()
            _ = try folder.write("", to: "requirements.txt")
            let ways = [
                ("bash", ["bash", "--norc", Machine.script("complete.bash")]),
                ("zsh", ["zsh", "-f", Machine.script("complete.zsh")]),
                ("fish", ["fish", "--no-config", Machine.script("complete.fish")]),
            ]
            for (shell, words) in ways {
                let script = try await ChildProcess.run([Machine.binary, "completions", shell])
                try #require(script.isGood, "\(script.output)")
                let path = try folder.write(script.output, to: "script.\(shell)")
                let outcome = try await ChildProcess.run(
                    ["env", "--chdir", folder.path] + words + [path, row.line],
                    environment: ["HOME": folder.path, "TERM": "dumb", "LANG": "C.UTF-8"])
                let offered = outcome.output.split(whereSeparator: { $0.isWhitespace || $0 == "=" })
                    .map(String.init)
                for word in row.has {
                    #expect(offered.contains(word), "\(shell): \(outcome.output)")
                }
                for word in row.hasNot {
                    #expect(!offered.contains(word), "\(shell): \(outcome.output)")
                }
            }
        }

        @Test("the manual page of docs/man is that of the program, and roff takes it")
        func manual() async throws {
            let page = try await ChildProcess.run([Machine.binary, "man"])
            let kept = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/man/larder.1")
            let text = String(decoding: try Data(contentsOf: kept), as: UTF8.self)
            #expect(
                page.output == text, "write it anew: larder man > docs/man/larder.1")
            let help = try await ChildProcess.run([Machine.binary, "help"])
            #expect(help.isGood)
        }
    }
}

extension Machine {
    /// Whether bash, zsh and fish may be asked to work.
    static var hasShells: Bool {
        mustRunAll
            || ["bash", "zsh", "fish"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
            }
    }
}
