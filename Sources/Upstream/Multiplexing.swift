package import Backends
internal import HTTPModel

/// Which requests may share one HTTP/2 connection.
///
/// libcurl opens a window of 32 MiB for each stream and keeps in memory what arrives while the
/// stream is held: measured with 7.88, eight held bodies of 15 MB took 103 MB. So what may be long
/// goes over a connection of its own, where TCP holds the origin back, and what is short or read
/// whole anyway shares one.
package enum Multiplexing {
    /// The longest body that may wait in memory.
    package static let byteLimit = 16 << 20

    package static func isAllowed(for request: UpstreamRequest) -> Bool {
        request.url.scheme == .https
            && (request.coding == .gzip || request.limits.bodyBytes <= byteLimit)
    }
}
