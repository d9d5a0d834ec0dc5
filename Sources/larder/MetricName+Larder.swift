import Metrics

extension MetricName {
    static let policyRefusals = MetricName(
        "larder_policy_refusals_total",
        "Requests that the policy refused, or would have refused where it only watches.",
        labels: ["ecosystem", "rule", "verdict"])
    static let malwareRecords = MetricName(
        "larder_malware_records", "Records of malware that hold now.")
    static let storeFailures = MetricName(
        "larder_store_failures_total", "Store operations that failed.", labels: ["reason"])
    static let droppedLogLines = MetricName(
        "larder_dropped_log_lines", "Log lines that were dropped because nobody read the log.")
    static let lostAuditLines = MetricName(
        "larder_lost_audit_lines",
        "Lines of the audit log that were lost because its file could not be written in time.")
    static let certificateExpiry = MetricName(
        "larder_tls_certificate_not_after_seconds",
        "When the certificate that is used ends, in seconds since 1970.")
    static let documentsRefused = MetricName(
        "larder_documents_refused_total", "Upstream documents that were no valid answer.",
        labels: ["upstream"])
    static let documentsHeldBack = MetricName(
        "larder_documents_held_back_total",
        "New versions of documents that did not take the place of good ones.",
        labels: ["upstream", "reason"])
    static let heldBackNow = MetricName(
        "larder_held_back_documents", "Documents whose newer version is held back now.")
    static let documentNotes = MetricName(
        "larder_document_notes_total", "Things that were left out of upstream documents.",
        labels: ["upstream", "note"])
}
