internal import Backends
internal import HTTPModel

/// Why a document or a file did not come.
enum WarmFailure: Error, Sendable, Hashable, CustomStringConvertible {
    case transfer(UpstreamError)
    /// Another status than 200, and what the server says of where it failed.
    case status(Int, cache: String)
    /// Other bytes than the lock promises.
    case mismatch
    /// A fixed text.
    case answer(String)

    /// Whether another try may have another end.
    var isTransient: Bool {
        switch self {
        case .transfer(.truncated), .transfer(.unreachable), .status(429, _), .status(503, _): true
        case .transfer, .status, .mismatch, .answer: false
        }
    }

    var description: String {
        switch self {
        case .transfer(let error): "the server \(error)"
        case .status(let status, let cache):
            Self.text(status) + (cache.isEmpty ? "" : " (\(cache))")
        case .mismatch: "the bytes are not those of the lock"
        case .answer(let text): text
        }
    }

    private static func text(_ status: Int) -> String {
        switch status {
        case 401, 403: "\(status): the server does not let us have it"
        case 404: "404: there is no such thing"
        case 421: "421: the server does not know its own URL; set public_url or allowed_hosts"
        case 502, 504: "\(status): the upstream did not give it"
        case 503: "503: the server cannot fetch it now"
        default: "\(status)"
        }
    }
}
