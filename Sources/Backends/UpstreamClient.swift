package import HTTPModel

/// Fetches from upstreams; nothing else opens connections to them.
package protocol UpstreamClient: Sendable {
    /// Sends one GET, or one POST where there is content, and returns once the final response's
    /// head is there.
    ///
    /// Redirects are followed here (at most 5, never from https to http, only to allowed hosts;
    /// 304 and 305 are never redirects). Each hop gets ``UpstreamRequest/credential(for:)`` of its own
    /// URL. A POST follows 307 and 308 alone, which keep it as it is; others end it as `.redirectRefused`.
    /// Cancelling the task ends the transfer.
    func fetch(_ request: UpstreamRequest) async throws(UpstreamError) -> UpstreamResponse
}

/// One request, built from nothing: no client's header ever gets in, but for those two that
/// describe a forwarded body.
package struct UpstreamRequest: Sendable {
    package var url: AbsoluteURL
    package var accept: String?
    /// For a conditional request: the stored ETag and Last-Modified, as the upstream wrote them.
    package var ifNoneMatch: String?
    package var ifModifiedSince: String?
    /// For the rest of a body that broke off.
    package var rest: BodyRest?
    /// Whether a gzip body may come and is decoded on the way in; artifacts come as they are.
    package var coding: ContentCoding
    /// The body of a POST; nil for a GET.
    package var content: UpstreamContent?
    package var policy: UpstreamPolicy
    /// A token for this one request; its origin gets it instead of the policy's credential.
    package var token: OriginToken?
    package var limits: TransferLimits

    package init(
        url: AbsoluteURL, accept: String? = nil, coding: ContentCoding = .identity,
        policy: UpstreamPolicy, limits: TransferLimits
    ) {
        self.url = url
        self.accept = accept
        self.coding = coding
        self.policy = policy
        self.limits = limits
    }
}

extension UpstreamRequest {
    /// What one hop is shown: each credential goes to its own origin and to no other (rule U3).
    package func credential(for url: AbsoluteURL) -> Credential? {
        if let token, token.origin == url.origin { return token.credential }
        return url.origin == policy.home ? policy.credential : nil
    }
}

/// A credential that somebody other than the operator gave, and the one origin that it is for.
///
/// It makes that origin no home: its address is filtered as before.
package struct OriginToken: Sendable, Hashable {
    package let origin: AbsoluteURL.Origin
    package let credential: Credential

    package init(origin: AbsoluteURL.Origin, credential: Credential) {
        self.origin = origin
        self.credential = credential
    }
}

/// The body of a POST, whole; whoever makes it bounds it.
package struct UpstreamContent: Sendable, Hashable {
    package let bytes: [UInt8]
    package let contentType: String
    /// The coding that `bytes` have; nil for none.
    package let contentEncoding: String?

    package init(_ bytes: [UInt8], contentType: String, contentEncoding: String? = nil) {
        self.bytes = bytes
        self.contentType = contentType
        self.contentEncoding = contentEncoding
    }
}

/// Where a body broke off, and of which entity it was.
///
/// The answer is a 206 with the rest, or a 200 with the whole of whatever is there now; the caller
/// must compare the tag and the range.
package struct BodyRest: Sendable, Hashable {
    /// The first byte that is missing.
    package let offset: Int
    /// The strong tag as it stands in a header.
    package let entityTag: String

    package init(offset: Int, entityTag: String) {
        self.offset = offset
        self.entityTag = entityTag
    }
}

/// What one upstream may be asked, and with which credential.
package struct UpstreamPolicy: Sendable {
    /// Hosts, beside those of `home`, that a fetch or a redirect may go to; lower case.
    package var hosts: Set<String>
    /// Whether a fetch or a redirect may go to hosts that nobody listed, too.
    ///
    /// For registries whose files are anywhere. Such a host must have a public address, whatever
    /// ``allowsPrivateAddresses`` says.
    package var allowsAnyHost: Bool
    /// The origin that the operator named: the credential goes there and nowhere else.
    package var home: AbsoluteURL.Origin
    /// Origins beside `home` that configuration names as well, such as an index's file host.
    package var named: Set<AbsoluteURL.Origin>
    /// Whether listed hosts that are not named by configuration may have private addresses, too.
    package var allowsPrivateAddresses: Bool
    package var credential: Credential?

    package init(
        home: AbsoluteURL.Origin, named: Set<AbsoluteURL.Origin> = [], hosts: Set<String> = [],
        allowsAnyHost: Bool = false, allowsPrivateAddresses: Bool = false,
        credential: Credential? = nil
    ) {
        self.home = home
        self.named = named
        self.hosts = hosts
        self.allowsAnyHost = allowsAnyHost
        self.allowsPrivateAddresses = allowsPrivateAddresses
        self.credential = credential
    }

    /// Whether a URL may be fetched at all (rule U1).
    package func allows(_ url: AbsoluteURL) -> Bool {
        allowsAnyHost || isListed(url)
    }

    /// Whether the operator named this origin or listed its host.
    package func isListed(_ url: AbsoluteURL) -> Bool {
        isNamed(url.origin) || hosts.contains(url.host)
    }

    /// Whether the address behind a URL must be public (rule U2).
    package func mustBePublic(_ url: AbsoluteURL) -> Bool {
        if isNamed(url.origin) { return false }
        return !(allowsPrivateAddresses && hosts.contains(url.host))
    }

    /// Whether configuration names this origin, so that its address is the operator's business.
    package func isNamed(_ origin: AbsoluteURL.Origin) -> Bool {
        origin == home || named.contains(origin)
    }
}

/// The value of an Authorization field; it never shows itself.
package struct Credential: Sendable, Hashable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// For the upstream module alone.
    package let authorization: String

    package init(authorization: String) {
        self.authorization = authorization
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
}

/// Limits of one transfer (rule U5).
package struct TransferLimits: Sendable, Hashable {
    package var connect: Duration = .seconds(5)
    /// From sending the request to the final head.
    package var firstByte: Duration = .seconds(10)
    /// The longest time for each further 4 KiB of the body, or for its end.
    ///
    /// Time in which the body's reader holds it back does not count.
    package var pause: Duration = .seconds(30)
    package var total: Duration
    /// The most bytes of body, counted after decoding as well.
    package var bodyBytes: Int
    package var headerBytes: Int = 64 << 10
    package var headerFields: Int = 200

    package init(total: Duration, bodyBytes: Int) {
        self.total = total
        self.bodyBytes = bodyBytes
    }
}

/// The head of the final response, and its body as it comes.
package struct UpstreamResponse: Sendable {
    package let status: Int
    package let headers: Headers
    /// Where it came from after redirects: the base of relative links.
    package let url: AbsoluteURL
    /// The declared length of the body as it will be delivered; nil when unknown or encoded.
    package let byteCount: Int?
    /// False where only the closing of the connection ends the body, so that a cut one looks whole
    /// (rule I6 of the reliability study).
    package let hasProvenEnd: Bool
    package let body: any UpstreamBody

    package init(
        status: Int, headers: Headers, url: AbsoluteURL, byteCount: Int?,
        hasProvenEnd: Bool = true, body: any UpstreamBody
    ) {
        self.status = status
        self.headers = headers
        self.url = url
        self.byteCount = byteCount
        self.hasProvenEnd = hasProvenEnd
        self.body = body
    }

    /// All of a body, whose length the limits of its request bound.
    package func bytes() async throws(UpstreamError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await body.next() { bytes += piece }
        return bytes
    }
}

/// A body with backpressure: what is not taken is not read from the network.
package protocol UpstreamBody: Sendable {
    /// The next piece, at most some 256 KiB; nil after the end.
    ///
    /// A body that breaks off before its length or its last chunk throws instead. For one task at a
    /// time. Cancelling the task ends the transfer.
    func next() async throws(UpstreamError) -> [UInt8]?

    /// Ends the transfer; harmless when it has ended.
    func cancel()
}

/// Why a fetch failed; fixed texts, no URL and no header.
package enum UpstreamError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No connection, name not found, reset before the head; libcurl's code.
    case unreachable(code: Int32)
    case timedOut(Phase)
    /// Certificate or handshake; libcurl's code.
    case insecure(code: Int32)
    /// A redirect that rule U1 forbids, a loop, or too many.
    case redirectRefused
    /// The address that was dialled is forbidden (rule U2).
    case addressRefused
    /// The host is not on the upstream's list.
    case hostRefused
    /// The body ended before its length, or was reset.
    case truncated
    case tooLarge
    /// Not HTTP, bad framing, a coding that was not asked for, broken gzip.
    case malformed
    case cancelled

    package enum Phase: String, Sendable, Hashable {
        case connect, head, body, total
    }

    package var description: String {
        switch self {
        case .unreachable(let code): "could not be reached (\(code))"
        case .timedOut(let phase): "timed out (\(phase.rawValue))"
        case .insecure(let code): "failed the TLS handshake (\(code))"
        case .redirectRefused: "sent a redirect that is not allowed"
        case .addressRefused: "has a forbidden address"
        case .hostRefused: "is not an allowed host"
        case .truncated: "broke off its answer"
        case .tooLarge: "sent more than the limit"
        case .malformed: "sent a malformed answer"
        case .cancelled: "was no longer waited for"
        }
    }
}
