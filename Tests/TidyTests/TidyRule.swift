/// A rule of the house that a test can hold: what in one file is against it, line by line.
struct TidyRule: Sendable, CustomStringConvertible {
    let description: String
    /// Which files it is about.
    let applies: @Sendable (SourceFile) -> Bool
    /// Whether comments and string contents of Swift files are read too.
    var readsProse = false
    /// Whether a line is against the rule.
    let isBroken: @Sendable (Substring, SourceFile) -> Bool

    func violations(in file: SourceFile) -> [String] {
        guard applies(file) else { return [] }
        let lines =
            file.isSwift && !readsProse
            ? SwiftCode(file.text).lines
            : file.text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { number, line in
            isBroken(line, file) ? "\(file.path):\(number + 1): \(description)" : nil
        }
    }
}

extension TidyRule {
    /// Each C library, and the one module that may import it.
    static let owners = [
        "CCrypto": "Digests", "CCurl": "Upstream", "CLinux": "Linux", "CPQ": "PostgresStore",
        "CSQLite": "SQLiteStore", "CSSL": "TLS", "CYAML": "YAML",
        "CZlib": "Compression", "Glibc": "Linux",
    ]

    /// The stub origin's own sockets: it must be able to misbehave in ways that `Linux` forbids.
    static let testSocket = "Tests/Support/LoopbackSocket.swift"
    /// Writes the variables that a C library reads by itself; nothing of Foundation's can.
    static let testEnvironment = "Tests/Support/ProcessEnvironment.swift"

    /// Runs tasks on a test's own thread; the standard library calls the reference to an executor
    /// that this takes unsafe, since nothing keeps it alive.
    static let testExecutor = "Tests/ModelTests/SeededExecutor.swift"

    /// libFuzzer calls a C function with a pointer and a count.
    static let fuzzEntry = "Tests/Fuzz/FuzzEntry.swift"

    static let all: [TidyRule] = [
        TidyRule(description: "a C library is imported by its owner only", applies: \.isSwift) {
            line, file in
            guard let module = importedModule(line), let owner = owners[module] else {
                return false
            }
            return !file.isBelow("Sources/\(owner)") && file.path != testSocket
        },
        TidyRule(description: "unsafe code lives with the owner of a C library", applies: \.isSwift)
        {
            line, file in
            let isOwner =
                owners.values.contains { file.isBelow("Sources/\($0)") }
                || [testSocket, testEnvironment, testExecutor, fuzzEntry].contains(file.path)
            let words = words(of: line)
            return !isOwner
                && words.contains { word in
                    ["unsafe", "safe", "unchecked"].contains(word)
                        && (word == "unsafe" || line.contains("@\(word)"))
                        || (word.hasPrefix("Unsafe") && word.hasSuffix("Pointer"))
                }
        },
        TidyRule(description: "no try!, as!, fatalError or public", applies: \.isSwift) { line, _ in
            line.contains("try!") || line.contains(" as!")
                || words(of: line).contains { $0 == "fatalError" || $0 == "public" }
        },
        TidyRule(
            description: "full Foundation only in tests and the executables",
            applies: { file in
                file.isSwift && !file.path.contains("Tests/")
                    && !["Sources/larder", "Sources/larder-bench"].contains { file.isBelow($0) }
            }
        ) { line, _ in importedModule(line) == "Foundation" },
        TidyRule(description: "FoundationNetworking is not used", applies: \.isSwift) { line, _ in
            importedModule(line) == "FoundationNetworking"
        },
        TidyRule(description: "a name says something", applies: \.isSwift) { line, _ in
            declaredName(line).map { !bannedWords.isDisjoint(with: camelWords($0)) } ?? false
        },
        TidyRule(
            description: "tests do not sleep; only the end-to-end suite polls",
            applies: {
                // A slow origin is slow: its pace is what a test asks for, and no waiting. The raw
                // server is no test, and its clock is the real one.
                $0.isSwift && $0.path.contains("Tests/") && !$0.isBelow("Tests/EndToEndTests")
                    && $0.path != "Tests/Support/OriginConnection.swift"
                    && $0.path != "Tests/Support/SharedLine.swift"
                    && !$0.isBelow("Tests/RawServer")
            }
        ) { line, _ in
            // A clock of a test's own may have a `sleep` that the test winds on.
            ["Task.sleep", "Thread.sleep", "usleep(", "nanosleep("].contains { line.contains($0) }
        },
        TidyRule(
            description: "a registry's host stands in its ecosystem's defaults and in prose only",
            applies: { !$0.path.hasSuffix(".md") && !$0.isBelow("ecosystems") }, readsProse: true
        ) { line, _ in namesRegistry(line) },
        TidyRule(
            description: "no path of one machine", applies: { _ in true }, readsProse: true
        ) { line, _ in namesMachinePath(line) },
    ]

    /// Public registries' hosts; split, so that this file is not against its own rule.
    static let registryHosts = [
        "pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com",
        "yarnpkg" + ".com", "bitnami" + ".com",
    ]

    static let bannedWords: Set = [
        "handler", "handlers", "manager", "managers", "helper", "helpers", "util", "utils", "data",
        "info", "ttl",
    ]

    static func namesRegistry(_ line: Substring) -> Bool {
        registryHosts.contains { line.contains($0) }
    }

    private static func namesMachinePath(_ line: Substring) -> Bool {
        ["work", "root", "home"].contains { name in
            line.ranges(of: "/\(name)/").contains { range in
                // After a letter or digit it is a piece of some longer path or URL.
                guard range.lowerBound > line.startIndex else { return true }
                let before = line[line.index(before: range.lowerBound)]
                return !(before.isLetter || before.isNumber || before == "." || before == "}")
            }
        }
    }

    private static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import"), keyword <= 2 else { return nil }
        return words.dropFirst(keyword + 1).last.map { String($0.prefix { $0 != "." }) }
    }

    private static func words(of line: Substring) -> [Substring] {
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
    }

    private static func declaredName(_ line: Substring) -> Substring? {
        let keywords: Set<Substring> = [
            "func", "var", "let", "struct", "class", "enum", "case", "protocol", "typealias",
            "actor",
        ]
        let words = words(of: line)
        guard let keyword = words.firstIndex(where: keywords.contains), keyword + 1 < words.count
        else { return nil }
        // `case .other(let bound)` matches, it does not declare a case.
        if words[keyword] == "case", line.contains("case .") { return nil }
        // The usual word for a level of a log.
        if words[keyword] == "case", words[keyword + 1] == "info" { return nil }
        return words[keyword + 1]
    }

    /// The words of a name in lower case: `FileStoreTTL` is file, store, ttl.
    static func camelWords(_ name: Substring) -> Set<String> {
        var words: [String] = []
        var isInCapitals = false
        for character in name {
            let isCapital = character.isUppercase
            if words.isEmpty || (isCapital && !isInCapitals) || character == "_" {
                words.append("")
            }
            isInCapitals = isCapital
            words[words.count - 1] += character.lowercased()
        }
        return Set(words)
    }
}
