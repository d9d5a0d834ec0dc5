/// What happened to a request, for the Cache-Status field, the log line and the metric, built once.
///
/// Source: RFC 9211.
package struct CacheStatus: Sendable, Hashable {
    package enum Forward: String, Sendable, Hashable {
        case uriMiss = "uri-miss"
        case stale, request, bypass
        /// The method is one that only the upstream can answer.
        case method
    }

    package enum Detail: String, Sendable, Hashable {
        case staleIfError = "stale-if-error"
        case staleWhileRevalidate = "stale-while-revalidate"
        case withdrawn, negative, relay, refused
        /// The upstream has another version, which is not taken.
        case heldBack = "held-back"
    }

    /// Nil for a hit.
    package var forward: Forward?
    /// The status of the upstream's answer, if there was one.
    package var forwardStatus: Int?
    package var isStored = false
    package var isCollapsed = false
    package var detail: Detail?
    /// Seconds of freshness left; negative when stale.
    package var remainingSeconds: Int64?

    package init(forward: Forward? = nil, detail: Detail? = nil) {
        self.forward = forward
        self.detail = detail
    }

    package static let hit = CacheStatus()

    /// The field's value: `larder; hit` or `larder; fwd=uri-miss; stored`.
    package var text: String {
        var parts = ["larder"]
        if let forward { parts.append("fwd=\(forward.rawValue)") } else { parts.append("hit") }
        if let forwardStatus { parts.append("fwd-status=\(forwardStatus)") }
        if isStored { parts.append("stored") }
        if isCollapsed { parts.append("collapsed") }
        if let remainingSeconds { parts.append("ttl=\(remainingSeconds)") }
        if let detail { parts.append("detail=\(detail.rawValue)") }
        return parts.joined(separator: "; ")
    }

    /// The label of metrics and log lines: a closed set.
    package var label: String {
        switch (forward, detail) {
        case (_, .negative): "negative"
        case (_, .withdrawn): "withdrawn"
        case (_, .staleIfError), (_, .staleWhileRevalidate), (_, .heldBack), (.stale, _): "stale"
        case (nil, _): "hit"
        case (.bypass, _), (.method, _): "bypass"
        case (.uriMiss, _), (.request, _): isCollapsed ? "collapsed" : "miss"
        }
    }
}
