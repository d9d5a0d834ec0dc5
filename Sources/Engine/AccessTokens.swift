internal import Backends
internal import Ecosystems
internal import HTTPModel
internal import Resources
import Synchronization

/// The tokens that were given to this process, in memory alone, and the questions for more.
final class AccessTokens: Sendable {
    /// Whose token it is: no mount uses another's, since each has its own credential.
    struct Key: Sendable, Hashable {
        let upstream: UpstreamIdentity
        let scope: TokenScope

        /// Names the question for such a token; nothing is stored under it.
        var question: CacheKey {
            let origin = scope.origin
            let place = "\(origin.scheme.rawValue)://\(origin.host):\(origin.port)"
            return CacheKey(
                stored: "t \(upstream.name) \(upstream.location) \(place) \(scope.name)")
        }
    }

    private struct Held {
        let token: OriginToken
        /// In nanoseconds of uptime.
        let until: UInt64
    }

    /// Tokens that are kept at most; a token has at most 16 KiB.
    private static let limit = 256
    /// A token is let go so many seconds before its end, if it holds for that long.
    private static let margin = 10
    /// For so many seconds it is kept in any case: those who asked together use it together.
    private static let leastSeconds = 5

    /// One question for many who wait.
    let questions = FillTable(limit: limit)
    private let held = Mutex<[Key: Held]>([:])

    /// The token for a scope, other than one that was refused.
    func find(_ key: Key, but refused: OriginToken?, at now: UInt64) -> OriginToken? {
        held.withLock { held in
            guard let found = held[key], now < found.until, found.token != refused else {
                return nil
            }
            return found.token
        }
    }

    func keep(_ token: AccessToken, for key: Key, at now: UInt64) {
        let seconds = max(Self.leastSeconds, token.seconds - Self.margin)
        let until = now &+ UInt64(seconds) * 1_000_000_000
        let credential = Credential(authorization: "Bearer " + token.text)
        held.withLock { held in
            if held.count >= Self.limit, held[key] == nil {
                held = held.filter { now < $0.value.until }
                if held.count >= Self.limit,
                    let first = held.min(by: { $0.value.until < $1.value.until })
                {
                    held[first.key] = nil
                }
            }
            held[key] = Held(
                token: OriginToken(origin: key.scope.origin, credential: credential), until: until)
        }
    }
}
