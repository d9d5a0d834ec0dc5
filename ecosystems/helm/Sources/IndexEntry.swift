internal import Digests

/// What one entry said of itself, as far as it is looked at.
struct IndexEntry {
    var urls: [[UInt8]] = []
    var name = ""
    var version = ""
    var digest: Digest?
    var created: IndexTime?
}

extension Digest {
    /// The SHA-256 of a chart as indexes write it, bare or with `sha256:` before it.
    init?(indexText text: ArraySlice<UInt8>) {
        let prefix = Array("sha256:".utf8)
        let hex = text.starts(with: prefix) ? text.dropFirst(prefix.count) : text
        guard hex.count == 64 else { return nil }
        self.init(algorithm: .sha256, hex: String(decoding: hex, as: UTF8.self))
    }
}
