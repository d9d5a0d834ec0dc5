/// The header fields that a cache reads; all others are checked for their grammar and left.
enum KnownField: Sendable, Hashable {
    case host, connection, contentLength, transferEncoding, expect
    case accept, acceptEncoding, cacheControl, pragma
    case contentType, contentEncoding
    case ifNoneMatch, ifModifiedSince, ifRange, range
    case authorization
    case forwarded, forwardedHost, forwardedPrefix, forwardedProto, forwardedFor
    case requestID

    /// The field of this name, whatever its case.
    init?(_ name: Span<UInt8>) {
        let candidates = Self.byLength(name.count)
        guard let match = candidates.first(where: { name.spells($0.name) }) else { return nil }
        self = match.field
    }

    private static func byLength(_ count: Int) -> [(name: String, field: KnownField)] {
        switch count {
        case 4: four
        case 5: five
        case 6: six
        case 8: eight
        case 9: nine
        case 10: ten
        case 12: twelve
        case 13: thirteen
        case 14: fourteen
        case 15: fifteen
        case 16: sixteen
        case 17: seventeen
        case 18: eighteen
        default: []
        }
    }

    private static let four: [(String, KnownField)] = [("host", .host)]
    private static let five: [(String, KnownField)] = [("range", .range)]
    private static let six: [(String, KnownField)] = [
        ("accept", .accept), ("expect", .expect), ("pragma", .pragma),
    ]
    private static let eight: [(String, KnownField)] = [("if-range", .ifRange)]
    private static let nine: [(String, KnownField)] = [("forwarded", .forwarded)]
    private static let ten: [(String, KnownField)] = [("connection", .connection)]
    private static let twelve: [(String, KnownField)] = [
        ("content-type", .contentType), ("x-request-id", .requestID),
    ]
    private static let thirteen: [(String, KnownField)] = [
        ("if-none-match", .ifNoneMatch), ("cache-control", .cacheControl),
        ("authorization", .authorization),
    ]
    private static let fourteen: [(String, KnownField)] = [("content-length", .contentLength)]
    private static let fifteen: [(String, KnownField)] = [
        ("accept-encoding", .acceptEncoding), ("x-forwarded-for", .forwardedFor),
    ]
    private static let sixteen: [(String, KnownField)] = [
        ("content-encoding", .contentEncoding), ("x-forwarded-host", .forwardedHost),
    ]
    private static let seventeen: [(String, KnownField)] = [
        ("x-forwarded-proto", .forwardedProto),
        ("if-modified-since", .ifModifiedSince), ("transfer-encoding", .transferEncoding),
    ]
    private static let eighteen: [(String, KnownField)] = [
        ("x-forwarded-prefix", .forwardedPrefix)
    ]
}
