package import HTTPModel

/// Header fields as bytes: name and value in turn, each ended by a zero byte.
package enum HeaderBytes {
    /// - Returns: The fields in their order; one with a zero byte, which no field may have
    ///   (RFC 9110 section 5.5), is left out.
    package static func encode(_ headers: Headers) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in headers.fields
        where !field.name.utf8.contains(0) && !field.value.utf8.contains(0) {
            bytes += field.name.utf8
            bytes.append(0)
            bytes += field.value.utf8
            bytes.append(0)
        }
        return bytes
    }

    /// - Returns: `nil` when the bytes are not what ``encode(_:)`` makes.
    package static func decode(_ bytes: [UInt8]) -> Headers? {
        guard let last = bytes.last else { return Headers() }
        guard last == 0 else { return nil }
        let parts = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count.isMultiple(of: 2) else { return nil }
        return Headers(
            stride(from: 0, to: parts.count, by: 2).map { (parts[$0], parts[$0 + 1]) })
    }
}
