import Foundation
import Testing

/// The rules of the house that a test can hold; docs/architecture.md gives the reasons.
@Suite struct TidyTests {
    @Test("every file keeps the rules", arguments: TidyRule.all)
    func rules(_ rule: TidyRule) throws {
        let files = try SourceTree.files()
        #expect(files.count > 50)
        let broken = files.flatMap { rule.violations(in: $0) }
        #expect(broken.isEmpty, "\(broken.joined(separator: "\n"))")
    }

    @Test("a Swift file has at most 300 lines")
    func length() throws {
        let long = try SourceTree.files().filter(\.isSwift).compactMap { file in
            let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            return count > 300 ? "\(file.path): \(count)" : nil
        }
        #expect(long.isEmpty, "\(long.joined(separator: "\n"))")
    }

    @Test("an ecosystem names its public registry in one file of its sources")
    func registries() throws {
        let files = try SourceTree.files().filter { file in
            file.isBelow("ecosystems") && !file.path.hasSuffix(".md")
                && file.text.split(separator: "\n").contains(where: TidyRule.namesRegistry)
        }
        #expect(files.allSatisfy { $0.isBelow("ecosystems/\($0.room)/Sources") })
        for (room, found) in Dictionary(grouping: files, by: \.room) {
            #expect(found.count == 1, "\(room): \(found.map(\.path))")
        }
    }

    @Test("each test that the catalogue names for a case has the case's id in its name")
    func catalogue() throws {
        let files = try SourceTree.files()
        let page = try #require(files.first { $0.path == "docs/catalogue.md" }).text
        let names = files.filter(\.isSwift).map(\.text)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
            .filter { $0.first?.wholeMatch(of: /[A-Z]-[0-9]+/) != nil }
        // The core, and those of the others that have tests.
        #expect(rows.count >= 55 && Set(rows.map { $0[0] }).count == rows.count)
        for row in rows {
            let (id, tests) = (row[0], row[2])
            // Tests stand there in code's type; anything else says why there is none.
            guard tests.hasPrefix("`") else { continue }
            // As a whole word: K-1 is no K-10.
            let name = try Regex("\"([A-Z]-[0-9]+,? )*\(id)[:,]")
            let named = tests.matches(of: /`([A-Za-z0-9]+)\/([A-Za-z]+)/).map(\.output)
            #expect(!named.isEmpty, "\(id)")
            for test in named {
                let function = "func \(test.2)("
                let isThere = names.contains { text in
                    let isSuite = ["struct", "class", "extension"].contains {
                        text.contains("\($0) \(test.1) ")
                    }
                    guard isSuite, text.contains(function) else { return false }
                    // What stands between a test's attribute and its function.
                    return text.ranges(of: function).contains { found in
                        let before = text[..<found.lowerBound]
                        let attribute = before.ranges(of: "@Test").last
                        return attribute.map { before[$0.lowerBound...].contains(name) } == true
                    }
                }
                #expect(isThere, "\(id): \(test.0)")
            }
        }
    }

    @Test("the top of the project holds what it should, and nothing else")
    func topLevel() throws {
        let allowed: Set = [
            ".ci", ".dockerignore", ".editorconfig", ".github", ".gitignore", ".swift-format",
            "CHANGELOG.md",
            "Dockerfile", "LICENSE", "Package.swift", "README.md", "SECURITY.md", "Sources",
            "Tests",
            "charts", "compose.yaml", "deploy", "docs", "ecosystems", "scripts",
        ]
        let others = try SourceTree.topLevel().filter { !allowed.contains($0) }
        #expect(others.isEmpty, "\(others)")
    }

    @Test("each fuzz target has a corpus of its name, by which scripts/fuzz finds it")
    func fuzzTargets() throws {
        let files = try SourceTree.files()
        let text = try #require(files.first { $0.path == "Tests/Fuzz/FuzzTarget.swift" }).text
        let cases = try #require(text.firstMatch(of: /case ([a-z, ]+)\n/)).output.1
        let targets = cases.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let fixtures = SourceTree.root.appending(path: "Tests/Fuzz/Fixtures")
        let corpora = try FileManager.default.contentsOfDirectory(atPath: fixtures.path())
        #expect(corpora.sorted() == targets.sorted())
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        let path: String
        let text: String
        /// The lines that some rule must find.
        var lines: [Int] = []
        var testDescription: String { "\(path): \(text)" }
    }

    static let samples: [Sample] = [
        Sample(path: "Sources/Engine/A.swift", text: "import CCurl", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "\ninternal import Glibc", lines: [2]),
        Sample(path: "Tests/EngineTests/A.swift", text: "import struct CLinux.stat", lines: [1]),
        Sample(path: "Sources/YAML/A.swift", text: "import CYAML\nlet a = unsafe b()"),
        Sample(path: "Sources/Engine/A.swift", text: "let a = unsafe b()", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "nonisolated(unsafe) var a = 1", lines: [1]),
        Sample(
            path: "Sources/Engine/A.swift", text: "final class A: @unchecked Sendable {}",
            lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "@safe struct A {}", lines: [1]),
        Sample(
            path: "Sources/Engine/A.swift", text: "func a(_ b: UnsafeRawPointer) {}", lines: [1]),
        Sample(
            path: "Sources/Engine/A.swift",
            text: "// unsafe\n/* unsafe /* */ unsafe */ a(\"unsafe\")"),
        Sample(
            path: "Sources/Engine/A.swift", text: "a(#\"\" unsafe \"#, \"\"\"\n unsafe \"\n \"\"\")"
        ),
        Sample(path: "Sources/Engine/A.swift", text: "a(\"\\\"\"); unsafe b()", lines: [1]),
        Sample(path: "Tests/EngineTests/A.swift", text: "let a = try! b()", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "fatalError(\"no\")", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "public struct A {}", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "import Foundation", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "import FoundationEssentials"),
        Sample(path: "Sources/larder/A.swift", text: "import Foundation"),
        Sample(path: "Tests/EngineTests/A.swift", text: "import Foundation"),
        Sample(path: "Sources/larder/A.swift", text: "import FoundationNetworking", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "struct FillManager {}", lines: [1]),
        Sample(path: "Sources/Engine/A.swift", text: "let a = 1\nvar userInfo = 2", lines: [2]),
        Sample(
            path: "Sources/Engine/A.swift", text: "package static let defaultTTL = 5", lines: [1]),
        Sample(
            path: "Sources/Engine/A.swift", text: "case info, warning\ncase infoText", lines: [2]),
        Sample(path: "Sources/Engine/A.swift", text: "struct Metadata { let dataset = settle }"),
        Sample(
            path: "Tests/EngineTests/A.swift", text: "try await Task.sleep(for: .seconds(1))",
            lines: [1]),
        Sample(path: "Tests/Support/A.swift", text: "func sleep(for time: Duration) async {}"),
        Sample(path: "Tests/Support/A.swift", text: "usleep(10)", lines: [1]),
        Sample(path: "Tests/EndToEndTests/A.swift", text: "try await Task.sleep(for: .seconds(1))"),
        Sample(
            path: "Sources/Engine/A.swift", text: "// see \(TidyRule.registryHosts[0])", lines: [1]),
        Sample(path: "README.md", text: "see \(TidyRule.registryHosts[0])"),
        Sample(path: "scripts/test", text: "cd /" + "work/main", lines: [1]),
        Sample(path: "docs/a.md", text: "in `/" + "home/ann`", lines: [1]),
        Sample(path: "docs/a.md", text: "https://index.example/root/simple and ${HOME}/work/x"),
    ]

    @Test("the rules find what they are about, and nothing else", arguments: samples)
    func rulesWork(_ sample: Sample) {
        let file = SourceFile(path: sample.path, text: sample.text)
        let found = TidyRule.all.flatMap { $0.violations(in: file) }
        #expect(found.count == sample.lines.count, "\(found)")
        for (violation, line) in zip(found, sample.lines) {
            #expect(violation.hasPrefix("\(sample.path):\(line): "))
        }
    }
}
