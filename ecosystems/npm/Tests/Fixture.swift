import Compression
import Ecosystems
import Foundation
import HTTPModel
import NPM
import Resources
import Testing

/// A recorded document, found beside this file in the working tree.
struct Fixture: Sendable, CustomTestStringConvertible {
    let file: String
    let package: String

    var testDescription: String { file }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    static let full: [Fixture] = [
        Fixture(file: "lodash.full.json.gz", package: "lodash"),
        Fixture(file: "sigstore.full.json.gz", package: "sigstore"),
        Fixture(file: "rollup.full.json.gz", package: "rollup"),
        Fixture(file: "express.full.json.gz", package: "express"),
        Fixture(file: "grpc.full.json.gz", package: "grpc"),
        Fixture(file: "is-positive.full.json", package: "is-positive"),
        Fixture(file: "code-snippet.unpublished.json", package: "code-snippet"),
        Fixture(file: "webpack.js.org.security-holding.json", package: "webpack.js.org"),
        Fixture(file: "long-name.full.json", package: longName),
        Fixture(file: "JSON.full.json", package: "JSON"),
    ]

    static let abbreviated: [Fixture] = [
        Fixture(file: "lodash.abbreviated.json", package: "lodash"),
        Fixture(file: "rollup.abbreviated.json.gz", package: "rollup"),
        Fixture(file: "is-positive.abbreviated.json", package: "is-positive"),
        Fixture(
            file: "@typescript-eslint__typescript-estree.abbreviated.json.gz",
            package: "@typescript-eslint/typescript-estree"),
        Fixture(file: "@types__node.abbreviated.json.gz", package: "@types/node"),
    ]

    static let packuments = full + abbreviated
    static let attestations = Fixture(file: "sigstore-5.0.0.attestations.json", package: "")

    static let longName =
        "ifyouwanttogetthesumoftwonumberswherethosetwonumbersarechosenbyfindingthelargestoftwoout"
        + "ofthreenumbersandsquaringthemwhichismultiplyingthembyitselfthenyoushouldinputthreenumber"
        + "sintothisfunctionanditwilldothatforyou"

    static func named(_ file: String) throws -> Fixture {
        try #require(packuments.first { $0.file.hasPrefix(file) })
    }

    func bytes() throws -> [UInt8] {
        let raw = [UInt8](try Data(contentsOf: Self.folder.appending(path: file)))
        guard file.hasSuffix(".gz") else { return raw }
        return try gunzip(raw, limits: ExpansionLimits(outputByteCount: 16 << 20))
    }
}

/// What the tests share: a registry that nobody has, and ways to send documents through it.
enum Sample {
    static let registry = url("https://registry.example/")
    static let adapter = adapter()
    static let base = PublicBase(url("http://cache.example:81/prefix/"))

    static func url(_ text: String) -> AbsoluteURL {
        guard let url = AbsoluteURL(text) else { preconditionFailure("a bad URL in a test") }
        return url
    }

    static func adapter(
        mount: [String] = ["npm"], registry: AbsoluteURL = registry, scopes: Set<String> = [],
        elsewhere: Set<String> = [], audits: Bool = true, servesRoot: Bool = false
    ) -> NPMAdapter {
        guard
            let upstream = NPMUpstream(
                registry: registry, scopes: scopes, elsewhere: elsewhere, audits: audits)
        else { preconditionFailure("a bad registry in a test") }
        return NPMAdapter(mount: mount, upstream: upstream, servesRoot: servesRoot)
    }

    static func head(_ name: String, _ registry: AbsoluteURL = registry) -> DocumentHead {
        DocumentHead(
            name: name, contentType: "application/json",
            url: registry.resolving("the-document") ?? registry)
    }

    /// A request for a path below the mount, or for the whole of one that begins with a slash.
    static func request(
        _ path: String, accept: String? = nil, method: HTTPModel.Method = .get
    ) throws -> RequestHead {
        let target = try RequestTarget((path.hasPrefix("/") ? path : "/npm/" + path).utf8)
        var head = RequestHead(method: method, target: target)
        head.accept = accept
        return head
    }

    /// A packument of a package `p` with these versions.
    static func packument(_ versions: String, more: String = "") -> [UInt8] {
        Array(#"{"name":"p",\#(more)"versions":{\#(versions)}}"#.utf8)
    }
}

extension NPMAdapter {
    /// A document in some form, as the engine would make it of pieces.
    func rendering(
        _ bytes: [UInt8], of name: String, as form: PackumentVariant, piece: Int = 65_536,
        base: PublicBase? = Sample.base
    ) throws -> (text: [UInt8], head: RenderedHead) {
        try rendering(
            Sample.pieces(of: bytes, piece), of: name, as: Variant(form.name, base: base))
    }

    func rendering(
        _ pieces: [[UInt8]], of name: String, as variant: Variant
    ) throws -> (text: [UInt8], head: RenderedHead) {
        var rewriter = rewriter(of: Sample.head(name, upstream.registry), as: variant)
        var output: [UInt8] = []
        for piece in pieces { try rewriter.take(piece, into: &output) }
        let head = try rewriter.finish(into: &output)
        return (output, head)
    }

    func facts(_ bytes: [UInt8], of name: String, piece: Int = 65_536) throws -> [FileFact] {
        try facts(Sample.pieces(of: bytes, piece), of: name)
    }

    func facts(_ pieces: [[UInt8]], of name: String) throws -> [FileFact] {
        var intake = intake(of: Sample.head(name, upstream.registry))
        for piece in pieces { try intake.take(piece) }
        return try intake.finish()
    }
}

extension Sample {
    static func pieces(of bytes: [UInt8], _ count: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: count).map {
            Array(bytes[$0..<min($0 + count, bytes.count)])
        }
    }

    /// The text cut once, at each of its positions.
    static func cuts(of bytes: [UInt8]) -> [[[UInt8]]] {
        (1..<bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
    }
}
