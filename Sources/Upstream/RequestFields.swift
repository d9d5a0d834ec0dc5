internal import Backends
internal import HTTPModel

/// The header lines of one hop, built from nothing (rule K1 of the reliability study).
struct RequestFields {
    let lines: [String]

    /// The lines for `request` sent to `url`.
    ///
    /// Each hop gets the credential of its own origin, if there is one (rule U3).
    init(_ request: UpstreamRequest, to url: AbsoluteURL) {
        var fields: [(name: String, value: String?)] = [
            ("Accept", request.accept ?? "*/*"),
            // Always sent: without the field any coding would do (RFC 9110 section 12.5.3).
            ("Accept-Encoding", request.coding.rawValue),
            ("If-None-Match", request.ifNoneMatch),
            ("If-Modified-Since", request.ifModifiedSince),
            ("Content-Type", request.content?.contentType),
            ("Content-Encoding", request.content?.contentEncoding),
            ("Range", request.rest.map { "bytes=\($0.offset)-" }),
            ("If-Range", request.rest?.entityTag),
        ]
        fields.append(("Authorization", request.credential(for: url)?.authorization))
        let sent = fields.compactMap { (name, value) -> String? in
            guard let value, Self.isSendable(value) else { return nil }
            return "\(name): \(value)"
        }
        lines = request.content == nil ? sent : sent + Self.unsaid
    }

    /// A field without a value keeps libcurl from sending its own: it would wait a second for a
    /// `100 Continue` that few origins send.
    private static let unsaid = ["Expect:"]

    /// Whether a value stays one field: a line break in it would begin another.
    static func isSendable(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
