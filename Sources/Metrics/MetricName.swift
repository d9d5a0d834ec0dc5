/// A metric's name, help and labels: a part of Larder's interface, so each stands here once.
package struct MetricName: Hashable, Sendable {
    package let name: String
    package let help: String
    package let labels: [String]

    package init(_ name: String, _ help: String, labels: [String] = []) {
        self.name = name
        self.help = help
        self.labels = labels
    }
}

extension MetricName {
    package static let requests = MetricName(
        "larder_requests_total", "Requests answered.",
        labels: ["ecosystem", "kind", "status", "cache"])
    package static let responseBytes = MetricName(
        "larder_response_bytes_total", "Body bytes sent to clients.",
        labels: ["ecosystem", "cache"])
    package static let requestSeconds = MetricName(
        "larder_request_seconds", "Time from a request's head to the last byte of its answer.")
    package static let upstreamRequests = MetricName(
        "larder_upstream_requests_total", "Requests sent to upstreams.",
        labels: ["upstream", "status"])
    package static let upstreamBytes = MetricName(
        "larder_upstream_bytes_total", "Body bytes received from upstreams.")
    package static let upstreamSeconds = MetricName(
        "larder_upstream_seconds", "Time from a request to an upstream to the head of its answer.")
    package static let upstreamUp = MetricName(
        "larder_upstream_up", "1 while the upstream answers properly, else 0.",
        labels: ["upstream"])
    package static let drill = MetricName(
        "larder_drill", "1 while a drill cuts the upstream off, else 0.", labels: ["upstream"])
    package static let fillsInFlight = MetricName(
        "larder_fills_in_flight", "Fetches on their way into the store.")
    package static let collapsedRequests = MetricName(
        "larder_collapsed_requests_total", "Requests that joined a fetch under way.")
    package static let renderings = MetricName(
        "larder_renderings_total", "Documents rendered for clients and stored.")
    package static let staleResponses = MetricName(
        "larder_stale_responses_total", "Stale documents served.", labels: ["upstream", "reason"])
    package static let servedDuringOutage = MetricName(
        "larder_requests_served_during_outage_total",
        "Requests answered while their upstream was down.", labels: ["upstream"])
    package static let integrityFailures = MetricName(
        "larder_integrity_failures_total",
        "Bodies refused because they were not what was promised.",
        labels: ["reason"])
    package static let storeBytes = MetricName(
        "larder_store_bytes", "Bytes of all stored responses.")
    package static let storeBlobs = MetricName(
        "larder_store_blobs", "Stored responses, each with its body.")
    package static let evictedBytes = MetricName(
        "larder_evicted_bytes_total", "Bytes removed to stay within the size limit.")
    package static let bucketUp = MetricName(
        "larder_bucket_up", "1 while the bucket answers, else 0.")
    package static let tierBytes = MetricName(
        "larder_tier_bytes", "Bytes of the bucket's objects that are on this machine.")
    package static let pendingUploads = MetricName(
        "larder_pending_uploads", "Files that the bucket could not take yet.")
    package static let authenticationFailures = MetricName(
        "larder_authentication_failures_total",
        "Requests with a credential that lets nobody in.", labels: ["reason"])
    package static let databaseUp = MetricName(
        "larder_database_up", "1 while the metadata database answers, else 0.")
    package static let passingFills = MetricName(
        "larder_passing_fills",
        "Fetches under way because the database or the bucket cannot tell what is stored.")
}
