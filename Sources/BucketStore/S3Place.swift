package import HTTPModel

/// Where a bucket of S3 is.
package struct S3Place: Sendable, Hashable {
    package let bucket: String
    package let region: String
    /// Put before every name; empty, or ends with a slash.
    package let prefix: String
    /// The store's own URL, without the bucket.
    package let endpoint: AbsoluteURL
    /// Whether the bucket stands in the path and not in the host's name.
    package let isPathStyle: Bool

    /// - Returns: nil when the parts make no URL.
    package init?(
        bucket: String, prefix: String = "", region: String, endpoint: AbsoluteURL? = nil,
        isPathStyle: Bool? = nil
    ) {
        guard let standard = AbsoluteURL("https://s3.\(region).amazonaws.com/") else { return nil }
        let base = endpoint ?? standard
        // Other stores than AWS's rarely have a name for each bucket; nor has a bucket with a dot
        // in its name a certificate.
        let style = isPathStyle ?? (endpoint != nil || bucket.contains("."))
        self.bucket = bucket
        self.region = region
        self.prefix = prefix
        self.isPathStyle = style
        self.endpoint = base
    }

    /// The URL of an object, or of the bucket for an empty name; nil when that would be none.
    package func url(_ name: String, _ query: [QueryItem] = []) -> AbsoluteURL? {
        let path = PercentEncoding.encodedSegment(name, keeping: "/")
        let folder = endpoint.path.hasSuffix("/") ? endpoint.path : endpoint.path + "/"
        let text = query.isEmpty ? "" : "?" + query.canonicalText
        let scheme = endpoint.scheme.rawValue
        guard isPathStyle else {
            return AbsoluteURL("\(scheme)://\(bucket).\(endpoint.authority)\(folder)\(path)\(text)")
        }
        let place = name.isEmpty ? "\(folder)\(bucket)" : "\(folder)\(bucket)/\(path)"
        return AbsoluteURL("\(scheme)://\(endpoint.authority)\(place)\(text)")
    }
}
