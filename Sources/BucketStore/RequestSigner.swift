internal import Digests
package import HTTPModel

/// Signs requests with AWS Signature Version 4 (AWS: "Authenticating Requests", S3 API reference).
///
/// Nothing of it depends on a connection: the same request at the same second has the same
/// signature.
package struct RequestSigner: Sendable {
    /// The hash that stands for a body that is not part of the signature.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"
    private static let algorithm = "AWS4-HMAC-SHA256"

    package let key: AccessKey
    package let region: String
    package let service: String

    package init(_ key: AccessKey, region: String, service: String = "s3") {
        self.key = key
        self.region = region
        self.service = service
    }

    /// What of a request is signed.
    package struct Subject: Sendable {
        package var method: String
        /// The URL that is asked; its path is taken as it is, encoded once.
        package var host: String
        package var path: String
        package var query: [QueryItem]
        package var headers: Headers
        /// The SHA-256 of the body in hexadecimal, or ``RequestSigner/unsignedPayload``.
        package var payload: String

        package init(
            method: String, host: String, path: String, query: [QueryItem] = [],
            headers: Headers = Headers(), payload: String
        ) {
            self.method = method
            self.host = host
            self.path = path
            self.query = query
            self.headers = headers
            self.payload = payload
        }
    }

    /// The headers of `subject` with those of the signature, in second `second` since 1970.
    package func signed(_ subject: Subject, at second: Int64) -> Headers {
        let stamp = Timestamp.basicText(second)
        var sent = subject.headers
        sent.replace("x-amz-content-sha256", subject.payload)
        sent.replace("x-amz-date", stamp)
        if let token = key.sessionToken { sent.replace("x-amz-security-token", token) }
        var canonical = subject
        canonical.headers = sent
        canonical.headers.replace("host", subject.host)
        let signature = signature(canonical, stamp: stamp)
        sent.replace(
            "authorization",
            "\(Self.algorithm) Credential=\(key.id)/\(scope(stamp)), "
                + "SignedHeaders=\(canonical.signedNames), Signature=\(signature)")
        return sent
    }

    /// The query of a URL that anybody may ask with `subject.method` for `seconds` seconds from
    /// `second` on (at most seven days).
    package func presigned(_ subject: Subject, at second: Int64, for seconds: Int) -> String {
        let stamp = Timestamp.basicText(second)
        var canonical = subject
        canonical.payload = Self.unsignedPayload
        canonical.headers.replace("host", subject.host)
        canonical.query += [
            QueryItem("X-Amz-Algorithm", Self.algorithm),
            QueryItem("X-Amz-Credential", "\(key.id)/\(scope(stamp))"),
            QueryItem("X-Amz-Date", stamp),
            QueryItem("X-Amz-Expires", String(seconds)),
            QueryItem("X-Amz-SignedHeaders", canonical.signedNames),
        ]
        if let token = key.sessionToken {
            canonical.query.append(QueryItem("X-Amz-Security-Token", token))
        }
        let signature = signature(canonical, stamp: stamp)
        return canonical.query.canonicalText + "&X-Amz-Signature=" + signature
    }

    private func scope(_ stamp: String) -> String {
        "\(stamp.prefix(8))/\(region)/\(service)/aws4_request"
    }

    private func signature(_ subject: Subject, stamp: String) -> String {
        let text = [
            Self.algorithm, stamp, scope(stamp), BlobDigest.of(Array(subject.canonical.utf8)).hex,
        ].joined(separator: "\n")
        var secret = Array("AWS4\(key.secret)".utf8)
        for part in [String(stamp.prefix(8)), region, service, "aws4_request", text] {
            secret = MessageAuthentication.code(of: Array(part.utf8), key: secret)
        }
        return BlobDigest(bytes: secret)?.hex ?? ""
    }
}

/// One name with its value in a query, not encoded.
package struct QueryItem: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String = "") {
        self.name = name
        self.value = value
    }
}

extension [QueryItem] {
    /// Encoded and in the order that is signed, so that what is sent is what was signed.
    package var canonicalText: String {
        map { item in
            (PercentEncoding.encodedSegment(item.name), PercentEncoding.encodedSegment(item.value))
        }
        .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
        .map { "\($0.0)=\($0.1)" }
        .joined(separator: "&")
    }
}

extension RequestSigner.Subject {
    fileprivate var sortedNames: [String] {
        Set(headers.fields.map(\.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    fileprivate var signedNames: String { sortedNames.joined(separator: ";") }

    /// The canonical request.
    fileprivate var canonical: String {
        let lines = sortedNames.map { name in
            let values = headers.fields.filter { $0.name == name }.map(\.value)
            return "\(name):\(values.joined(separator: ","))\n"
        }
        return [
            method, path, query.canonicalText, lines.joined(), signedNames, payload,
        ].joined(separator: "\n")
    }
}
