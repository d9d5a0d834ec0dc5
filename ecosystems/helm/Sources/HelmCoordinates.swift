internal import HTTPModel
package import Resources

/// What a stored archive's name says of its chart and version.
package enum HelmCoordinates {
    /// Of `<path>/<chart>-<version>.tgz` and its provenance; nil where no version is in the name.
    package static func read(_ artifact: String) -> PackageCoordinates? {
        let escaped = artifact.utf8.split(separator: UInt8(ascii: "/")).last ?? "".utf8[...]
        guard let bytes = PercentEncoding.decoded(escaped) else { return nil }
        var name = String(decoding: bytes, as: UTF8.self)
        for ending in [ChartPath.provenance, ".tgz", ".tar.gz"] where name.hasSuffix(ending) {
            name.removeLast(ending.count)
        }
        guard let split = versionStart(in: Array(name.utf8)) else { return nil }
        let bytesOfName = Array(name.utf8)
        let version = bytesOfName[(split + 1)...].drop { $0 == UInt8(ascii: "v") }
        return PackageCoordinates(
            name: String(decoding: bytesOfName[..<split], as: UTF8.self),
            version: String(decoding: version, as: UTF8.self))
    }

    /// The first hyphen that `digits.` follows, a `v` between or not: charts may have digits in
    /// their names (`k8s-at-home-2-1.0.0`), versions have three numbers (Semantic Versioning 2.0.0).
    private static func versionStart(in name: [UInt8]) -> Int? {
        for index in name.indices.dropFirst() where name[index] == UInt8(ascii: "-") {
            var rest = name[(index + 1)...]
            if rest.first == UInt8(ascii: "v") { rest = rest.dropFirst() }
            let digits = rest.prefix { $0 &- 0x30 < 10 }
            if !digits.isEmpty, rest.dropFirst(digits.count).first == UInt8(ascii: ".") {
                return index
            }
        }
        return nil
    }
}
