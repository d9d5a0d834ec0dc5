import Digests
import Foundation
import LockFiles
import Testing

@Suite struct LockFileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        /// A line for each package: ecosystem, name, version, source, and how many files and digests.
        let packages: [String]
        var omissions: [String] = []
        var testDescription: String { file }
    }

    private static let index = "https://index.example/simple"
    private static let repository = "https://charts.example/acme"

    static let rows: [Row] = [
        Row(
            file: "uv.lock",
            packages: [
                "pypi click 8.5.1 \(index) files 2 of 2",
                "pypi colorama 0.4.6 \(index) files 2 of 2",
                "pypi six 1.17.0 \(index) files 2 of 2",
            ]),
        Row(
            file: "pdm.lock",
            packages: [
                "pypi click 8.5.1 - files 2 of 2", "pypi colorama 0.4.6 - files 2 of 2",
                "pypi six 1.17.0 - files 2 of 2",
            ]),
        Row(
            file: "poetry.lock", packages: ["pypi click 8.5.1 - files 2 of 2"],
            omissions: ["here: is a folder of this machine"]),
        Row(
            file: "pylock.toml",
            packages: ["pypi click 8.5.1 - files 1 of 1", "pypi six 1.17.0 - files 1 of 1"]),
        Row(
            file: "pylock.uv.toml",
            packages: [
                "pypi click 8.5.1 \(index) files 2 of 2",
                "pypi colorama 0.4.6 \(index) files 2 of 2",
                "pypi six 1.17.0 \(index) files 2 of 2",
            ]),
        Row(
            file: "Pipfile.lock",
            packages: ["pypi six 1.17.0 \(index) digests 2", "pypi click 8.5.1 \(index) digests 2"]),
        Row(
            file: "requirements.txt",
            packages: [
                "pypi click 8.5.1 - digests 2", "pypi colorama 0.4.6 - digests 2",
                "pypi six 1.17.0 - digests 2",
            ]),
        Row(
            file: "bom.json",
            packages: [
                "pypi click 8.5.1 - digests 0", "pypi colorama 0.4.6 - digests 0",
                "pypi six 1.17.0 - digests 0",
            ]),
        Row(
            file: "spdx.json",
            packages: [
                "pypi click 8.5.1 - digests 1", "npm @scope/thing 7.0.1 - digests 0",
                "helm common 1.10.0 \(repository) digests 0",
            ]),
        Row(
            file: "package-lock.json",
            packages: [
                "npm @scope/thing 7.0.1 - digests 1", "npm is-number 7.0.0 - digests 1",
                "npm is-even 1.0.0 - digests 0", "npm is-odd 0.1.2 - digests 0",
            ], omissions: ["elsewhere: comes from no registry"]),
        Row(
            file: "package-lock-v1.json",
            packages: [
                "npm is-number 7.0.0 - digests 1", "npm is-odd 0.1.2 - digests 0",
                "npm is-even 1.0.0 - digests 2",
            ],
            omissions: [
                "elsewhere: comes from no registry", "here: comes from no registry",
            ]),
        Row(
            file: "classic/yarn.lock",
            packages: [
                "npm @scope/thing 7.0.1 - digests 1", "npm is-number 7.0.0 - digests 1",
                "npm is-even 1.0.0 - digests 0",
            ], omissions: ["elsewhere: comes from no registry"]),
        Row(
            file: "berry/yarn.lock",
            packages: [
                "npm @scope/thing 7.0.1 - digests 0", "npm is-number 7.0.0 - digests 0",
                "npm is-even 1.0.0 - digests 0",
            ]),
        Row(
            file: "Chart.lock", packages: ["helm common 1.10.0 \(repository) digests 0"],
            omissions: [
                "inside: is a folder of this machine",
                "image: comes from an OCI registry, which clients ask themselves",
            ]),
    ]

    static func bytes(of file: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(file)")))
    }

    @Test("what the tools write", arguments: rows)
    func real(_ row: Row) throws {
        let lock = try LockedPackages.read(try Self.bytes(of: row.file), name: row.file)
        #expect(lock.packages.map(Self.line) == row.packages)
        #expect(lock.omissions.map { "\($0.title): \($0.reason)" } == row.omissions)
    }

    private static func line(_ package: LockedPackage) -> String {
        let digested = package.files.count { !$0.digests.isEmpty }
        let what =
            package.files.isEmpty
            ? "digests \(package.digests.count)" : "files \(digested) of \(package.files.count)"
        return [
            package.ecosystem.rawValue, package.name, package.version ?? "-",
            package.source ?? "-", what,
        ].joined(separator: " ")
    }

    @Test("files and digests are those of the lock")
    func values() throws {
        let lock = try LockedPackages.read(try Self.bytes(of: "uv.lock"), name: "a/uv.lock")
        let click = try #require(lock.packages.first)
        #expect(click.files.map(\.name) == ["click-8.5.1.tar.gz", "click-8.5.1-py3-none-any.whl"])
        let hex = "8bb5376d2006950386f8c6427613334a2acadc5f559cb80e638d00b4df957e37"
        #expect(click.files.last?.digests.map(\.description) == ["sha256:\(hex)"])
        let tree = try LockedPackages.read(
            try Self.bytes(of: "package-lock.json"), name: "package-lock.json")
        #expect(tree.packages.first?.digests.first?.hex.hasPrefix("e350a27e483a7bc4f2") == true)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let error: String
        var testDescription: String { "\(name): \(error)" }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "uv.lock", text: "version = 2\n", error: "this version of the format is not known"
        ),
        Refusal(name: "uv.lock", text: "a = 1\n", error: "version is missing"),
        Refusal(
            name: "uv.lock", text: "version = 1\n[[package]]\nversion = \"1\"\n",
            error: "the name of a package is missing"),
        Refusal(
            name: "uv.lock", text: "version = 1\na = \"\"\"x\"\"\"\n",
            error: "line 2: strings of several lines are not known here"),
        Refusal(
            name: "uv.lock", text: "version = 1\nversion = 1\n",
            error: "line 2: this key stands already above"),
        Refusal(
            name: "uv.lock", text: "[a]\nb = 1\n\n[a]\n",
            error: "line 4: this key stands already above"),
        Refusal(
            name: "uv.lock", text: "a = 1 b = 2\n",
            error: "line 1: something stands behind the end of the value"),
        Refusal(
            name: "uv.lock", text: "a = [1\n, 2\n 3]\n",
            error: "line 3: \",\" or \"]\" is expected in a list"),
        Refusal(
            name: "uv.lock", text: "a = { b = 1 c = 2 }\n",
            error: "line 1: \",\" or \"}\" is expected in a table"),
        Refusal(
            name: "uv.lock", text: "a = yes\n", error: "line 1: this is no value that is known here"
        ),
        Refusal(name: "uv.lock", text: "= 1\n", error: "line 1: a key is expected here"),
        Refusal(
            name: "uv.lock", text: "a 1\n", error: "line 1: \"=\" is expected behind a key"),
        Refusal(name: "uv.lock", text: "[a\n", error: "line 1: a table's name does not end"),
        Refusal(
            name: "uv.lock", text: "a = 1\n[a.b]\n", error: "line 2: this name is no table"),
        Refusal(
            name: "uv.lock", text: "a = \"\\ud800\"\n",
            error: "line 1: a string does not end, or holds what it may not"),
        Refusal(
            name: "uv.lock", text: "a = \(String(repeating: "[", count: 100_000))",
            error: "line 1: too many levels"),
        Refusal(
            name: "uv.lock", text: "a\(String(repeating: ".a", count: 100)) = 1\n",
            error: "line 1: too many levels"),
        Refusal(
            name: "uv.lock", text: "[a\(String(repeating: ".a", count: 100))]\n",
            error: "line 1: too many levels"),
        Refusal(
            name: "package-lock.json", text: String(repeating: "[", count: 100_000),
            error: "not valid JSON: too many levels at offset 64"),
        Refusal(
            name: "package-lock.json", text: #"{"lockfileVersion": 4}"#,
            error: "this version of the format is not known"),
        Refusal(name: "package-lock.json", text: "{}", error: "lockfileVersion is missing"),
        Refusal(
            name: "Chart.lock", text: "dependencies: &a\n- *a\n",
            error: "line 1, column 15: an anchor (&name) is not allowed here"),
        Refusal(
            name: "requirements.txt", text: "a==1\n--frob x\n",
            error: "line 2: this option is not known here"),
        Refusal(
            name: "requirements.txt", text: "a==1 --hash=sha256:12\n",
            error: "line 1: this is no digest that is known"),
        Refusal(
            name: "requirements.txt", text: "-r other.txt\n",
            error: "line 1: the file that is named cannot be read"),
        Refusal(
            name: "requirements.txt", text: "a==1\n!\n",
            error: "line 2: this is no entry that is known here"),
        Refusal(
            name: "yarn.lock", text: "# yarn lockfile v1\n\n  version \"1\"\n",
            error: "line 3: this is no entry that is known here"),
    ]

    @Test("what is not known is refused, with its line", arguments: refusals)
    func refusal(_ row: Refusal) {
        #expect {
            _ = try LockedPackages.read(Array(row.text.utf8), name: row.name)
        } throws: { error in
            "\(error)" == row.error
        }
    }

    @Test("other files are refused, and large and binary ones")
    func others() {
        for (name, bytes) in [
            ("notes.md", Array("hello".utf8)), ("a.json", Array("{}".utf8)),
            ("a.toml", Array("a = 1".utf8)), ("uv.lock", [0xFF]),
        ] {
            #expect(throws: LockFileError.self) { try LockedPackages.read(bytes, name: name) }
        }
        let large = [UInt8](repeating: 0x20, count: LockedPackages.byteLimit + 1)
        #expect(throws: LockFileError.tooLarge(limitBytes: LockedPackages.byteLimit)) {
            try LockedPackages.read(large, name: "uv.lock")
        }
    }

    @Test("includes, constraints, markers and continued lines of requirements")
    func requirements() throws {
        let files = [
            "base/more.txt": "-c pins.txt\nthree\nfour  # how\n./local\n",
            "base/pins.txt": "three==3.0\nfive==5\n",
        ]
        let hash = String(repeating: "ab", count: 32)
        let text = """
            # a comment \\
            --index-url=https://user:secret@index.example/acme/simple/
            One[extra, other] == 1.0 ; python_version < "3" \\
                --hash=sha256:\(hash) \\
                --hash sha256:\(hash.reversed().map(String.init).joined())
            -r base/more.txt
            two @ https://host.example/two-1.0.tar.gz
            -e .

            """
        let lock = try LockedPackages.read(Array(text.utf8), name: "requirements.txt") {
            files[$0].map { Array($0.utf8) }
        }
        #expect(lock.packages.map(\.title) == ["one 1.0", "three 3.0"])
        #expect(lock.packages.first?.digests.count == 2)
        #expect(lock.packages.first?.source == "https://index.example/acme/simple/")
        #expect(
            lock.omissions.map { "\($0.title) \($0.reason)" } == [
                "line 4 comes from no index", "two comes from a URL of its own",
                "line 8 is a folder of this machine",
                "four has no fixed version (==); lock it first",
            ])
        #expect(throws: LockFileError.tooManyIncludes) {
            try LockedPackages.read(Array("-r a.txt".utf8), name: "a.txt") { _ in
                Array("-r a.txt".utf8)
            }
        }
    }

    /// Any beginning of a real file, and any with a changed byte, is read or refused.
    @Test("cut and damaged files end in a result or an error", arguments: rows.map(\.file))
    func damaged(_ file: String) throws {
        let bytes = try Self.bytes(of: file)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var changed = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            if let place = changed.indices.randomElement(using: &random) {
                changed[place] = UInt8.random(in: 0x09...0x7E, using: &random)
            }
            let result = try? LockedPackages.read(changed, name: file)
            #expect((result?.packages.count ?? 0) <= 10)
        }
    }
}
