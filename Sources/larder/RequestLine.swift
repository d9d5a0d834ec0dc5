import CacheRules
import Engine
import HTTPModel
import Linux
import Policy

/// What the log says of one request.
///
/// Of the request nothing is in it but method, path, client and id: no query, no other field.
struct RequestLine: Sendable {
    private let id: String
    private let client: IPAddress?
    private let method: Method
    private let status: Int
    private let parts: Parts
    /// Nil where the resource has a name of its own.
    private let path: String?
    private let token: String?
    private let policy: String?
    private let tryCount: Int
    private let bodyBytes: Int
    private let nanoseconds: UInt64
    private let isComplete: Bool
    /// When it ended, in milliseconds since 1970.
    private let endedAt = SystemClock.unixMilliseconds

    /// What is the same for each answer that is given again.
    final class Parts: Sendable {
        /// The ecosystem, and the resource if it has a name.
        fileprivate let subject: [UInt8]
        fileprivate let cache: [UInt8]

        init(_ record: RequestRecord, isText: Bool) {
            var fields = LogFields(isText: isText)
            fields.add("ecosystem", record.ecosystem == "none" ? "" : record.ecosystem)
            // The resource of a search has its query, which may hold what nobody else should read.
            fields.add("key", String(record.resource.prefix { $0 != "?" }))
            subject = fields.bytes
            fields = LogFields(isText: isText)
            fields.add("cache", record.cacheStatus?.text ?? "")
            cache = fields.bytes
        }
    }

    /// Borrows what it copies little of: a head's many fields cost more to copy than a line.
    init(_ head: borrowing RequestHead, _ outcome: borrowing RequestOutcome, _ parts: Parts) {
        id = outcome.requestID ?? ""
        client = head.client ?? head.peer
        method = head.method
        status = outcome.status
        self.parts = parts
        path = outcome.record.resource.isEmpty ? String(head.target.path) : nil
        token = outcome.record.client
        policy = outcome.record.policy?.rule.rawValue
        tryCount = outcome.record.upstreamTryCount
        bodyBytes = outcome.bodyBytes
        nanoseconds = outcome.nanoseconds
        isComplete = outcome.isComplete
    }

    /// Adds the line, without its line feed.
    func write(to line: inout LogFields) {
        line.begin(Self.event, at: endedAt)
        line.add(Names.id, id)
        line.add(Names.client, client)
        line.add(Names.method, method.name)
        line.add(Names.status, status)
        line.append(parts.subject)
        if let path { line.add(Names.key, String(path.prefix { $0 != "?" })) }
        line.add(Names.token, token ?? "")
        if let policy { line.add(Names.policy, policy) }
        line.append(parts.cache)
        if tryCount > 0 { line.add(Names.tries, tryCount) }
        line.add(Names.bytes, bodyBytes)
        line.add(Names.milliseconds, nanoseconds: nanoseconds)
        if !isComplete { line.add(Names.broken, "true") }
        line.end()
    }

    private static let event = LogEvent(.info, "request")

    private enum Names {
        static let id: LogName = "id"
        static let client: LogName = "client"
        static let method: LogName = "method"
        static let status: LogName = "status"
        static let key: LogName = "key"
        static let token: LogName = "token"
        static let policy: LogName = "policy"
        static let tries: LogName = "tries"
        static let bytes: LogName = "bytes"
        static let milliseconds: LogName = "ms"
        static let broken: LogName = "broken"
    }
}
