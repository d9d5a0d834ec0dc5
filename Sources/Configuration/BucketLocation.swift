package import HTTPModel

/// A bucket, as a storage URL names it: `s3://bucket/prefix?endpoint=…&region=…&path_style=true`
/// or `gs://bucket/prefix?endpoint=…`.
package struct BucketLocation: Equatable, Sendable, CustomStringConvertible {
    package enum Service: String, Sendable {
        case s3, gs
    }

    package let service: Service
    package let bucket: String
    /// Segments of plain characters, without a slash at either end; perhaps empty.
    package let prefix: String
    /// `nil`: the service's own.
    package let endpoint: AbsoluteURL?
    /// `nil`: as the environment says.
    package let region: String?
    /// `nil`: as it is usual at the endpoint.
    package let isPathStyle: Bool?

    package var description: String {
        let items = [
            endpoint.map {
                "endpoint=\(PercentEncoding.encodedSegment($0.description, keeping: ":/"))"
            },
            region.map { "region=\($0)" }, isPathStyle.map { "path_style=\($0)" },
        ].compactMap(\.self)
        let path = prefix.isEmpty ? "" : "/\(prefix)"
        let query = items.isEmpty ? "" : "?" + items.joined(separator: "&")
        return "\(service.rawValue)://\(bucket)\(path)\(query)"
    }

    /// Why a text is no such location: the end of the sentence "the bucket's URL …".
    struct Fault: Error {
        let reason: String
    }

    /// Reads a URL whose scheme is `service`; a fault repeats nothing of it but names that we know.
    init(_ text: String, service: Service) throws(Fault) {
        let rest = text.utf8.dropFirst(service.rawValue.utf8.count + 3)
        guard let plain = String(validating: rest, as: UTF8.self), !plain.contains("#"),
            !plain.contains("@")
        else { throw Fault(reason: "must hold no fragment and no credential") }
        let mark = plain.firstIndex(of: "?") ?? plain.endIndex
        let path = plain[..<mark].split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bucket = String(path[0])
        guard Self.isBucket(bucket) else {
            throw Fault(reason: "names no bucket: 3 to 63 lower-case letters, digits, -, . or _")
        }
        var prefix = path.count > 1 ? path[1] : ""
        if prefix.last == "/" { prefix = prefix.dropLast() }
        guard prefix.isEmpty || Self.isPrefix(prefix) else {
            throw Fault(reason: "has a prefix with other characters than letters, digits, - . _ ~")
        }
        let query = try Self.query(plain[mark...].dropFirst(), service)
        self.service = service
        self.bucket = bucket
        self.prefix = String(prefix)
        endpoint = try query["endpoint"].map { (text) throws(Fault) in
            guard let url = AbsoluteURL(text), url.query == nil else {
                throw Fault(reason: "has an endpoint that is no http or https URL")
            }
            return url
        }
        region = try query["region"].map { (text) throws(Fault) in
            guard text.utf8.allSatisfy(Self.isNamePart), !text.isEmpty else {
                throw Fault(reason: "has a region that is no name, as eu-west-1")
            }
            return text
        }
        isPathStyle = try query["path_style"].map { (text) throws(Fault) in
            guard let value = Bool(text) else {
                throw Fault(reason: "has a path_style that is neither true nor false")
            }
            return value
        }
    }

    private static func query(
        _ text: Substring, _ service: Service
    ) throws(Fault) -> [String: String] {
        let known = service == .s3 ? ["endpoint", "region", "path_style"] : ["endpoint"]
        var items: [String: String] = [:]
        for item in text.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]), items[parts[0]] == nil,
                let bytes = PercentEncoding.decoded(parts[1].utf8),
                let value = String(validating: bytes, as: UTF8.self)
            else {
                throw Fault(
                    reason: "may have these parameters, each once: "
                        + known.joined(separator: ", "))
            }
            items[parts[0]] = value
        }
        return items
    }

    private static func isBucket(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count) && !name.contains("..")
            && name.utf8.allSatisfy { isNamePart($0) || $0 == 0x2E || $0 == 0x5F }
            && name.utf8.first.map { $0 != 0x2D && $0 != 0x2E } == true
    }

    /// A lower-case letter, a digit or a hyphen.
    private static func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
    }

    private static func isPrefix(_ text: Substring) -> Bool {
        text.utf8.count <= 512
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
                    && $0.utf8.allSatisfy(PercentEncoding.isUnreserved)
            }
    }
}
