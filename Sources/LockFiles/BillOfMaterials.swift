internal import Ecosystems
internal import HTTPModel

/// What somebody fetched, as a list of materials that other tools read, and `larder warm` as well.
///
/// Source: <https://cyclonedx.org/docs/1.6/json/>
package struct BillOfMaterials: Sendable {
    /// One file of a package.
    package struct Component: Sendable, Hashable {
        package let ecosystem: LockedPackage.Ecosystem
        package let name: String
        package let version: String
        /// The file's name, where a version has several: of PyPI.
        package let file: String?
        /// The index or repository, where it is not the ecosystem's usual one.
        package let source: String?

        package init(
            _ ecosystem: LockedPackage.Ecosystem, _ name: String, version: String,
            file: String? = nil, source: String? = nil
        ) {
            self.ecosystem = ecosystem
            self.name = name
            self.version = version
            self.file = file
            self.source = source
        }

        fileprivate var url: PackageURL {
            var qualifiers: [String: String] = [:]
            qualifiers["file_name"] = file
            qualifiers["repository_url"] = source
            return PackageURL(
                type: ecosystem.rawValue, name: name, version: version, qualifiers: qualifiers)
        }
    }

    /// The most components that are held, some 300 bytes each.
    package static let limit = 1_000_000

    /// The SHA-256 of each, in hex; empty where it is not known.
    private var digests: [Component: String] = [:]

    package init() {}

    /// Whether there are fewer than ``limit``.
    package var hasRoom: Bool { digests.count < Self.limit }

    /// Adds a file, once; its digest is in hex, or empty where it is not known.
    package mutating func add(_ component: Component, sha256: String) {
        if digests[component, default: ""].isEmpty { digests[component] = sha256 }
    }

    /// CycloneDX 1.6 as JSON, in the order of the package URLs; `time` is in RFC 3339, `version` Larder's.
    package func cycloneDX(madeAt time: String, by version: String) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 512 + digests.count * 320)
        writer.beginObject()
        writer.key("bomFormat")
        writer.string("CycloneDX")
        writer.key("specVersion")
        writer.string("1.6")
        writer.key("version")
        writer.integer(1)
        writer.key("metadata")
        writer.beginObject()
        writer.key("timestamp")
        writer.string(time)
        writer.key("tools")
        writer.beginObject()
        writer.key("components")
        writer.beginArray()
        writer.beginObject()
        writer.key("type")
        writer.string("application")
        writer.key("name")
        writer.string("larder")
        writer.key("version")
        writer.string(version)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        writer.endObject()
        writer.key("components")
        writer.beginArray()
        let sorted = digests.map { (url: $0.key.url.text, component: $0.key, sha256: $0.value) }
            .sorted { $0.url < $1.url }
        for item in sorted { Self.write(item.component, item.url, item.sha256, &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [0x0A]
    }

    private static func write(
        _ component: Component, _ url: String, _ sha256: String, _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("type")
        writer.string(component.ecosystem == .helm ? "application" : "library")
        writer.key("bom-ref")
        writer.string(url)
        let parts = component.name.split(separator: "/", maxSplits: 1)
        if component.ecosystem == .npm, parts.count == 2 {
            writer.key("group")
            writer.string(String(parts[0]))
        }
        writer.key("name")
        writer.string(component.ecosystem == .npm ? String(parts.last ?? "") : component.name)
        writer.key("version")
        writer.string(component.version)
        if !sha256.isEmpty {
            writer.key("hashes")
            writer.beginArray()
            writer.beginObject()
            writer.key("alg")
            writer.string("SHA-256")
            writer.key("content")
            writer.string(sha256)
            writer.endObject()
            writer.endArray()
        }
        writer.key("purl")
        writer.string(url)
        writer.endObject()
    }
}
