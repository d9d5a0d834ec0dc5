/// What was served and fetched in some time.
package struct Traffic: Sendable, Hashable {
    /// For how long hours are kept: thirty days are shown, and then some.
    package static let keptHours: Int64 = 35 * 24
    /// What is shown of them.
    package static let shownHours: Int64 = 30 * 24

    /// Requests for documents and files that were answered with a status below 400.
    package var requestCount = 0
    /// Those of them that no upstream was asked for (`larder; hit`); the hit ratio is their share.
    package var hitCount = 0
    package var servedBytes = 0
    package var upstreamRequestCount = 0
    package var upstreamBytes = 0
    /// Requests that were answered while their upstream was failing.
    package var outageRequestCount = 0

    package init() {}

    /// Reads what a row holds; `column` is asked by number, from 0, in the order of ``columns``.
    package init(columns column: (Int32) -> Int64?) {
        requestCount = Int(column(0) ?? 0)
        hitCount = Int(column(1) ?? 0)
        servedBytes = Int(column(2) ?? 0)
        upstreamRequestCount = Int(column(3) ?? 0)
        upstreamBytes = Int(column(4) ?? 0)
        outageRequestCount = Int(column(5) ?? 0)
    }

    /// The counts in the order in which stores keep them.
    package var columns: [Int64] {
        [
            requestCount, hitCount, servedBytes, upstreamRequestCount, upstreamBytes,
            outageRequestCount,
        ].map(Int64.init)
    }

    package static func += (total: inout Traffic, more: Traffic) {
        total.requestCount += more.requestCount
        total.hitCount += more.hitCount
        total.servedBytes += more.servedBytes
        total.upstreamRequestCount += more.upstreamRequestCount
        total.upstreamBytes += more.upstreamBytes
        total.outageRequestCount += more.outageRequestCount
    }
}

/// What was counted in one hour.
package struct HourlyTraffic: Sendable, Hashable {
    /// Whole hours since 1970.
    package let hour: Int64
    package let traffic: Traffic

    package init(hour: Int64, traffic: Traffic) {
        self.hour = hour
        self.traffic = traffic
    }
}
