import Digests
import HTTPModel
import Testing

@testable import NPM

/// Names of packages, files and versions; digests and times as documents spell them.
@Suite struct NameTests {
    @Test(
        "names that packages have, with their scopes",
        arguments: [
            ("lodash", nil), ("JSON", nil), ("q", nil), ("Q", nil), ("webpack.js.org", nil),
            ("@babel/core", "@babel"), ("@s/n", "@s"), ("a~'!()*b", nil), ("0", nil), ("npm", nil),
            (Fixture.longName, nil), ("@a/node_modulesx", "@a"), ("a--b__c", nil), ("@-/x", "@-"),
        ] as [(String, String?)])
    func good(_ text: String, _ scope: String?) throws {
        let name = try #require(PackageName(text))
        #expect(name.text == text)
        #expect(name.scope == scope)
        #expect(name.upstreamSegment == text.replacing("/", with: "%2f"))
    }

    @Test(
        "names that no package has",
        arguments: [
            "", ".a", "_a", "-", "a/b", "@s", "@s/", "@/n", "@s/.n", "@s/_n", "@s/a/b", "@s/-",
            "a b", "a%20", "a%2fb", "ä", "пакет", "a\\b", "a:b", "a;b", "a?b", "a#b", "a@b", "a+b",
            "node_modules", "Node_Modules", "favicon.ico", "@s/node_modules", "a\u{0}", "a\n", "..",
            String(repeating: "x", count: 215), "@s/" + String(repeating: "x", count: 212),
        ])
    func bad(_ text: String) {
        #expect(PackageName(text) == nil)
    }

    @Test(
        "the names of documents are read as they are written",
        arguments: [
            "lodash", "@s/n", "lodash@4.17.21", "@s/n@1.0.0-rc.1+b", "-/npm/v1/keys",
            "-/npm/v1/attestations/a@1.0.0", "-/npm/v1/attestations/@s%2fn@1.0.0",
            "-/v1/search?text=a%20b&size=3",
        ])
    func documents(_ text: String) {
        #expect(DocumentName(text)?.text == text)
    }

    @Test(
        "what is no document's name",
        arguments: ["", "-", "@s", "a@", "a@-", "a/b", "-/ping", "a@1/2"])
    func noDocuments(_ text: String) {
        #expect(DocumentName(text) == nil)
    }

    @Test(
        "the version in a file's name, where it is the conventional one",
        arguments: [
            ("lodash", "lodash-4.17.21.tgz", "4.17.21"), ("@s/n", "n-1.0.0-rc.1.tgz", "1.0.0-rc.1"),
            ("a-1", "a-1-2.0.0.tgz", "2.0.0"), ("a", "a-1-2.0.0.tgz", nil),
            ("express", "express-latest.tgz", nil), ("express", "expres-1.0.0.tgz", nil),
            ("express", "express-1.tgz", nil), ("express", "express-1.0.0.zip", nil),
        ] as [(String, String, String?)])
    func versions(_ package: String, _ file: String, _ version: String?) throws {
        let package = try #require(PackageName(package))
        #expect(TarballName.version(in: file, of: package) == version)
    }

    static let md5 = "md5-CY9rzUYh03PK3k6DJie09g=="
    static let sha1 = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    static let sha256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    static let sha512 =
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    static let other =
        "sha512-AAPhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    static let nothing: [UInt8] = []
    static let shasum = "da39a3ee5e6b4b0d3255bfef95601890afd80709"

    @Test(
        "M-7: the strongest algorithm of an integrity counts, else the sha1",
        arguments: [
            (sha512, shasum, [DigestAlgorithm.sha512]), ("\(sha1) \(sha512)", nil, [.sha512]),
            ("\(sha512) \(other)", nil, [.sha512, .sha512]), (nil, shasum, [.sha1]),
            ("\(sha256)  \(sha1)", shasum, [.sha256]), (sha1, nil, [.sha1]),
            (sha1, shasum, [.sha1]),
            ("\(sha512)?a=b", nil, [.sha512]), ("", shasum, [.sha1]), (md5, shasum, [.sha1]),
            (md5, nil, []), (nil, nil, []), ("sha512-AAAA", shasum, [.sha1]), ("x", "zz", []),
            ("sha512-!", nil, []), (nil, shasum.uppercased(), [.sha1]),
        ] as [(String?, String?, [DigestAlgorithm])])
    func integrity(_ integrity: String?, _ shasum: String?, _ algorithms: [DigestAlgorithm]) throws
    {
        let digests = Integrity.digests(
            integrity: integrity.map { Array($0.utf8) }, shasum: shasum.map { Array($0.utf8) })
        #expect(digests.map(\.algorithm) == algorithms)
        // All of them but one are of nothing.
        if let first = digests.first {
            #expect(try first == Digest.of(Self.nothing.span, first.algorithm))
        }
    }
}
