import Compression
import Foundation
import HTTPModel
import Support

/// What a registry answers below `/-/`, dist-tags apart.
struct NPMServices: Sendable {
    /// The package that audits complain of, in the version that the sample installs.
    static let vulnerable = "micromatch"
    static let advisory = "Slow expression in a pattern"

    private let names: [String: String]
    private let vulnerableVersion: String
    private let keys: [UInt8]

    init(_ packages: NPMPackages) throws {
        names = packages.tree
        vulnerableVersion = try packages.tarball(Self.vulnerable).version
        keys = try NPMPackages.keys()
    }

    /// None for what is not one of these services.
    func answer(_ request: OriginRequest) -> OriginAnswer? {
        let path = request.path
        if request.method == "POST" { return audit(request) }
        if path == "/-/npm/v1/keys" { return .bytes(keys, type: "application/json") }
        if path == "/-/ping" { return NPMDocuments.json([String: String]()) }
        if path == "/-/v1/search" { return search(request.target) }
        let attestations = "/-/npm/v1/attestations/"
        guard path.hasPrefix(attestations) else { return nil }
        let subject = path.dropFirst(attestations.count).removingPercentEncoding ?? ""
        return NPMDocuments.json([
            "attestations": [["predicateType": "https://slsa.dev/provenance/v1", "for": subject]]
        ])
    }

    private func search(_ target: String) -> OriginAnswer {
        let query = URLComponents(string: target)?.queryItems ?? []
        let text = query.first { $0.name == "text" }?.value ?? ""
        let objects = names.filter { $0.key.contains(text) }.sorted { $0.key < $1.key }.map {
            [
                "package": [
                    "name": $0.key, "version": $0.value, "description": "A package.",
                    "date": "2020-06-01T12:00:00.000Z", "keywords": [String](),
                    "links": [String: String](),
                    "publisher": ["username": "someone", "email": "someone@mail.example"],
                    "maintainers": [["username": "someone", "email": "someone@mail.example"]],
                ]
            ]
        }
        return NPMDocuments.json([
            "objects": objects, "total": objects.count, "time": "2020-06-01T12:00:00.000Z",
        ])
    }

    /// What is wrong with the packages of the request's body, which must be readable as it says.
    private func audit(_ request: OriginRequest) -> OriginAnswer? {
        let value = try? JSONSerialization.jsonObject(
            with: Foundation.Data(Self.body(of: request)))
        guard let object = value as? [String: Any] else {
            return OriginAnswer.text(#"{"error":"Invalid body"}"#, type: "application/json")
                .with(\.status, 400)
        }
        switch request.path {
        case "/-/npm/v1/security/advisories/bulk": return bulk(object)
        case "/-/npm/v1/security/audits/quick", "/-/npm/v1/security/audits": return quick(object)
        default: return nil
        }
    }

    /// A request's body, decoded as its head says; nothing when that cannot be.
    static func body(of request: OriginRequest) -> [UInt8] {
        guard request.headers["content-encoding"] == "gzip" else { return request.body }
        let limits = ExpansionLimits(outputByteCount: 1 << 20)
        return (try? gunzip(request.body, limits: limits)) ?? []
    }

    private func bulk(_ versions: [String: Any]) -> OriginAnswer {
        let asked = versions[Self.vulnerable] as? [String] ?? []
        guard asked.contains(vulnerableVersion) else {
            return NPMDocuments.json([String: String]())
        }
        let advisory: [String: Any] = [
            "id": 1_000_001, "url": "https://advisories.example/1000001", "title": Self.advisory,
            "severity": "moderate", "vulnerable_versions": "<=\(vulnerableVersion)",
            "cwe": ["CWE-1333"], "cvss": ["score": 5.3, "vectorString": NSNull()],
        ]
        return NPMDocuments.json([Self.vulnerable: [advisory]])
    }

    private func quick(_ project: [String: Any]) -> OriginAnswer {
        let dependencies = project["dependencies"] as? [String: Any] ?? [:]
        var advisories: [String: Any] = [:]
        if dependencies[Self.vulnerable] != nil {
            advisories["1000001"] = [
                "id": 1_000_001, "module_name": Self.vulnerable, "title": Self.advisory,
                "severity": "moderate", "vulnerable_versions": "<=\(vulnerableVersion)",
                "patched_versions": ">\(vulnerableVersion)", "overview": "It is slow.",
                "recommendation": "None.", "url": "https://advisories.example/1000001",
                "cves": [String](), "access": "public", "cwe": "CWE-1333",
                "findings": [
                    ["version": vulnerableVersion, "paths": [Self.vulnerable]]
                ],
            ]
        }
        let counts = ["info": 0, "low": 0, "moderate": advisories.count, "high": 0, "critical": 0]
        return NPMDocuments.json([
            "actions": [String](), "advisories": advisories, "muted": [String](),
            "metadata": [
                "vulnerabilities": counts, "dependencies": dependencies.count,
                "devDependencies": 0, "optionalDependencies": 0,
                "totalDependencies": dependencies.count,
            ],
        ])
    }
}
