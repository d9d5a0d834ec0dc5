package import HTTPModel

/// Where a bucket of Google Cloud Storage is.
package struct GCSPlace: Sendable, Hashable {
    package let bucket: String
    /// Put before every name; empty, or ends with a slash.
    package let prefix: String
    package let endpoint: AbsoluteURL

    /// - Returns: nil when the parts make no URL.
    package init?(bucket: String, prefix: String = "", endpoint: AbsoluteURL? = nil) {
        guard let standard = AbsoluteURL("https://storage.googleapis.com/") else { return nil }
        self.bucket = bucket
        self.prefix = prefix
        self.endpoint = endpoint ?? standard
    }

    private static let objects = "storage/v1/b/"
    private static let uploads = "upload/storage/v1/b/"

    /// The URL of an object's metadata, or of its bytes with `alt=media`.
    func object(_ name: String, _ query: [QueryItem] = []) -> AbsoluteURL? {
        // A name is one segment: its slashes are escaped.
        url(Self.objects, "/o/" + PercentEncoding.encodedSegment(prefix + name), query)
    }

    func list(_ query: [QueryItem]) -> AbsoluteURL? { url(Self.objects, "/o", query) }

    func upload(_ query: [QueryItem]) -> AbsoluteURL? { url(Self.uploads, "/o", query) }

    private func url(_ start: String, _ end: String, _ query: [QueryItem]) -> AbsoluteURL? {
        let folder = endpoint.path.hasSuffix("/") ? endpoint.path : endpoint.path + "/"
        let name = PercentEncoding.encodedSegment(bucket)
        let text = query.isEmpty ? "" : "?" + query.canonicalText
        return AbsoluteURL(
            "\(endpoint.scheme.rawValue)://\(endpoint.authority)\(folder)\(start)\(name)\(end)"
                + text)
    }
}
