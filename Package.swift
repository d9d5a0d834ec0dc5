// swift-tools-version: 6.2
import PackageDescription

// The manifest is the architecture: docs/architecture.md says what each module is for, and the
// compiler refuses an import that is not declared here.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A C library from Debian: a directory with `module.modulemap`, `shim.h` and nothing else.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A Swift module of the house.
func module(_ name: String, path: String? = nil, imports: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: imports, path: path ?? "Sources/\(name)", swiftSettings: strict)
}

/// Tests of one module, or of several together.
func tests(
    _ name: String, path: String? = nil, of dependencies: [Target.Dependency],
    resources: [Resource] = [], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: path ?? "Tests/\(name)", exclude: exclude,
        resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "larder",
    targets: [
        // C libraries, each with one owner.
        library("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        library("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        library("CSSL", pkgConfig: "libssl", apt: "libssl-dev"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        library("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        .systemLibrary(name: "CLinux", path: "Sources/C/CLinux"),

        // Values and rules: no C, no effects.
        module("HTTPModel"),
        module("HTTPWire", imports: ["HTTPModel"]),
        module("CacheRules", imports: ["HTTPModel"]),
        module("Resources", imports: ["HTTPModel", "Digests"]),
        module("Admission", imports: ["HTTPModel", "Resources", "Digests", "Policy"]),
        module("Ecosystems", imports: ["HTTPModel", "Resources", "Digests"]),
        module("Policy", imports: ["Ecosystems", "HTTPModel", "Digests", "YAML"]),

        // Owners of C libraries.
        module("Linux", imports: ["CLinux"]),
        module("Digests", imports: ["CCrypto"]),
        module("TLS", imports: ["CSSL", "Linux"]),
        module("Compression", imports: ["CZlib"]),
        module("YAML", imports: ["CYAML"]),

        // Contracts of storage and upstream, and those who fulfil them.
        module("Backends", imports: ["HTTPModel", "Resources", "Digests", "Linux"]),
        module("DiskStore", imports: ["Backends", "Digests", "Linux"]),
        module(
            "SQLiteStore",
            imports: ["Backends", "Resources", "Digests", "HTTPModel", "Linux", "CSQLite"]),
        module(
            "PostgresStore",
            imports: ["Backends", "Resources", "Digests", "HTTPModel", "Linux", "CPQ"]),
        module(
            "BucketStore", imports: ["Backends", "DiskStore", "Digests", "HTTPModel", "Linux"]),
        module("LockFiles", imports: ["Digests", "Ecosystems", "HTTPModel", "YAML"]),
        module(
            "Warming",
            imports: ["LockFiles", "Backends", "Digests", "Ecosystems", "HTTPModel", "Upkeep"]),
        module("Upkeep", imports: ["Backends", "Resources", "Digests"]),
        module("Upstream", imports: ["Backends", "HTTPModel", "Compression", "CCurl"]),

        // The engine, the ecosystems, the outside.
        module(
            "Engine",
            imports: [
                "HTTPModel", "CacheRules", "Resources", "Admission", "Ecosystems", "Backends",
                "Digests", "Compression", "Linux", "Pages", "Policy",
            ]),
        module(
            "PyPI", path: "ecosystems/pypi/Sources",
            imports: ["Ecosystems", "Resources", "HTTPModel", "Digests"]),
        module(
            "NPM", path: "ecosystems/npm/Sources",
            imports: ["Ecosystems", "Resources", "HTTPModel", "Digests"]),
        module(
            "Helm", path: "ecosystems/helm/Sources",
            imports: ["Ecosystems", "Resources", "HTTPModel", "Digests", "YAML"]),
        module(
            "Clients",
            imports: ["Admission", "Backends", "Resources", "Digests", "HTTPModel", "Linux"]),
        module("HTTPServer", imports: ["HTTPModel", "HTTPWire", "Engine", "Linux", "TLS"]),
        module("Metrics", imports: []),
        module("Pages", imports: ["HTTPModel", "Resources", "Digests"]),
        module("Spelling"),
        module("Configuration", imports: ["HTTPModel", "Policy", "Spelling", "YAML"]),
        module("CommandLine", imports: ["Spelling"]),
        .executableTarget(
            name: "larder",
            dependencies: [
                "HTTPModel", "CacheRules", "Backends", "Digests", "Compression", "YAML", "PyPI",
                "NPM", "Helm",
                "Ecosystems", "Resources", "DiskStore", "SQLiteStore", "PostgresStore",
                "BucketStore", "Upkeep", "Upstream", "LockFiles", "Warming", "Admission", "Clients",
                "Engine",
                "HTTPServer", "HTTPWire", "Metrics", "Pages", "Configuration", "CommandLine",
                "Linux", "Spelling", "Policy", "TLS",
            ],
            path: "Sources/larder", swiftSettings: strict),
        .executableTarget(
            name: "larder-bench",
            dependencies: [
                "PyPI", "NPM", "Helm", "Ecosystems", "Compression", "Digests", "HTTPModel", "Linux",
                "Resources", "Backends", "SQLiteStore", "PostgresStore", "Support",
            ],
            path: "Sources/larder-bench", swiftSettings: strict),

        // Tests.
        .target(
            name: "Support",
            dependencies: [
                "HTTPModel", "Resources", "Backends", "Digests", "Linux", "Compression",
            ],
            path: "Tests/Support", swiftSettings: strict),
        .executableTarget(
            name: "hostile-upstream", dependencies: ["HTTPModel", "Support"],
            path: "Tests/HostileUpstream", swiftSettings: strict),
        .executableTarget(
            name: "raw-server",
            dependencies: [
                "Ecosystems", "Resources", "HTTPModel", "CacheRules", "Backends", "Engine",
                "HTTPServer", "Upstream", "Linux",
            ],
            path: "Tests/RawServer", swiftSettings: strict),
        .target(
            name: "Conformance",
            dependencies: ["Backends", "Resources", "HTTPModel", "Digests", "Linux"],
            path: "Tests/Conformance", swiftSettings: strict),
        tests("HTTPModelTests", of: ["HTTPModel"]),
        tests("HTTPWireTests", of: ["HTTPWire", "HTTPModel", "Support"]),
        tests("CacheRulesTests", of: ["CacheRules", "HTTPModel"]),
        tests("AdmissionTests", of: ["Admission", "Policy", "Resources", "HTTPModel", "Digests"]),
        tests("PolicyTests", of: ["Policy", "Ecosystems", "PyPI", "NPM", "HTTPModel"]),
        tests(
            "EcosystemsTests",
            of: ["Ecosystems", "Resources", "HTTPModel", "Digests", "Support"]),
        tests(
            "PyPITests", path: "ecosystems/pypi/Tests",
            of: [
                "PyPI", "Ecosystems", "Resources", "HTTPModel", "Digests", "Compression", "Support",
            ],
            exclude: ["judge.py", "judge_links.py", "judge_list.py"]),
        tests(
            "NPMTests", path: "ecosystems/npm/Tests",
            of: [
                "NPM", "Ecosystems", "Resources", "HTTPModel", "Digests", "Compression", "Support",
            ],
            exclude: ["judge.py"]),
        tests(
            "HelmTests", path: "ecosystems/helm/Tests",
            of: [
                "Helm", "Ecosystems", "Resources", "HTTPModel", "Digests", "Compression", "Linux",
                "Support",
            ],
            exclude: ["judge.py"]),
        tests("LibraryTests", of: ["Digests", "Compression", "YAML", "Linux", "Support"]),
        tests("BackendsTests", of: ["Backends", "Conformance", "Resources", "Digests", "Linux"]),
        tests(
            "DiskStoreTests",
            of: [
                "DiskStore", "Conformance", "Support", "Backends", "Resources", "Digests", "Linux",
            ]),
        tests(
            "SQLiteStoreTests",
            of: [
                "SQLiteStore", "Conformance", "Support", "Backends", "Resources", "Digests",
                "Linux",
            ]),
        tests(
            "PostgresStoreTests",
            of: [
                "PostgresStore", "Conformance", "Support", "Backends", "Resources", "Digests",
                "HTTPModel", "Linux",
            ]),
        tests(
            "BucketStoreTests",
            of: [
                "BucketStore", "Conformance", "Support", "Backends", "DiskStore", "Digests",
                "HTTPModel", "Linux", "Upstream",
            ]),
        tests(
            "LockFilesTests", of: ["LockFiles", "Digests"],
            exclude: ["Fixtures"]),
        tests(
            "WarmingTests",
            of: [
                "Warming", "LockFiles", "Backends", "Digests", "Ecosystems", "HTTPModel", "Upkeep",
            ]),
        tests(
            "UpkeepTests",
            of: [
                "Upkeep", "Backends", "BucketStore", "Conformance", "DiskStore", "Digests",
                "HTTPModel", "Linux", "Resources", "SQLiteStore", "Support", "Upstream",
            ]),
        tests(
            "UpstreamTests",
            of: ["Upstream", "Support", "Backends", "HTTPModel", "Compression", "Linux"]),
        tests(
            "EngineTests",
            of: [
                "Engine", "Support", "Backends", "HTTPModel", "CacheRules", "Resources",
                "Admission", "Ecosystems", "Digests", "Linux", "Compression", "PyPI", "NPM",
                "Helm", "DiskStore", "Conformance", "Policy",
            ]),
        tests(
            "ClientsTests",
            of: [
                "Clients", "Admission", "Backends", "Resources", "Digests", "HTTPModel", "Linux",
            ]),
        tests(
            "ModelTests",
            of: [
                "Engine", "Backends", "HTTPModel", "CacheRules", "Resources", "Ecosystems",
                "Digests", "Linux",
            ]),
        tests(
            "HTTPServerTests",
            of: [
                "Policy",
                "HTTPServer", "HTTPWire", "Engine", "Support", "HTTPModel", "Linux", "Admission",
                "Resources", "TLS",
            ]),
        tests(
            "ConfigurationTests",
            of: ["Configuration", "CommandLine", "Metrics", "Spelling", "YAML", "HTTPModel"]),
        tests(
            "EndToEndTests",
            of: [
                "Support", "HTTPModel", "Digests", "Linux", "Compression", "Engine", "HTTPServer",
            ],
            exclude: ["Scripts"]),
        tests("PagesTests", of: ["Pages", "HTTPModel"]),
        tests("CacheTests", of: ["Support"], exclude: ["conformance.mjs", "deviations.tsv"]),
        tests("TidyTests", of: []),
    ]
)

// libFuzzer brings the `main` of this one, so that it can only be built with its sanitizer, as
// scripts/fuzz does; any other build leaves it out.
if Context.environment["LARDER_FUZZ"] == "1" {
    package.targets.append(
        .executableTarget(
            name: "larder-fuzz",
            dependencies: [
                "HTTPModel", "HTTPWire", "Resources", "Digests", "Ecosystems", "PyPI", "NPM",
                "Helm", "YAML", "Configuration",
            ],
            path: "Tests/Fuzz", exclude: ["Fixtures"], swiftSettings: strict))
}
