package import Digests
package import HTTPModel
package import Resources

/// How files are reached whose facts name a small document instead of the file, as in a registry.
///
/// The engine reads the document, verifies it, and asks here where it leads. Where the server wants
/// a token, it asks here where one is had. Pure, as adapters are.
package protocol PointerReader: Sendable {
    /// The document that a fact's URL is; nil when the URL is the file itself.
    func pointer(for fact: FileFact) -> ArtifactPointer?

    /// Where a pointer leads, from its bytes.
    ///
    /// - Throws: ``DocumentFault/absent`` when it says that there is no such file.
    func target(
        of pointer: ArtifactPointer, saying bytes: [UInt8], for fact: FileFact
    ) throws(DocumentFault) -> PointerTarget

    /// Where a token is asked for after a 401, or nil where none may be (rule U3).
    ///
    /// `challenge` is the WWW-Authenticate field. `isListed` says whether the operator named or
    /// listed the host of a URL.
    func tokenURL(
        after challenge: String, for scope: TokenScope, isListed: (AbsoluteURL) -> Bool
    ) -> AbsoluteURL?

    /// The token in what that URL answered.
    func token(in answer: [UInt8]) throws(DocumentFault) -> AccessToken
}

/// A small document that says where an artifact is.
package struct ArtifactPointer: Sendable, Hashable {
    package let url: AbsoluteURL
    package let accept: String
    /// What its own bytes must be; empty where nobody knows.
    package let digests: [Digest]
    /// What a token must allow for it and for the file; nil where no token is ever asked for.
    package let scope: TokenScope?

    package init(
        url: AbsoluteURL, accept: String, digests: [Digest] = [], scope: TokenScope? = nil
    ) {
        self.url = url
        self.accept = accept
        self.digests = digests
        self.scope = scope
    }
}

/// Where a pointer leads.
package enum PointerTarget: Sendable, Hashable {
    /// To the file; both what is said here and what the fact says must hold.
    case file(AbsoluteURL, digests: [Digest], byteCount: Int?)
    /// To another pointer, of the same scope.
    case pointer(ArtifactPointer)
}

/// What a token is for: one origin, and there no more than this.
package struct TokenScope: Sendable, Hashable {
    package let origin: AbsoluteURL.Origin
    /// As the token's server words it.
    package let name: String

    package init(origin: AbsoluteURL.Origin, name: String) {
        self.origin = origin
        self.name = name
    }
}

/// A Bearer token (RFC 6750); it never shows itself.
package struct AccessToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let text: String
    /// For how long it holds.
    package let seconds: Int

    package init(_ text: String, seconds: Int) {
        self.text = text
        self.seconds = seconds
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
}
