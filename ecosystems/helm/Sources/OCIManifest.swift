package import Ecosystems

/// What a registry says of a chart: its layers, or the manifests of which one has them.
///
/// Source: OCI image specification, "Image Manifest" and "Image Index"; helm/helm
/// `pkg/registry/constants.go`.
package struct OCIManifest: Sendable, Hashable {
    package struct Descriptor: Sendable, Hashable {
        package let mediaType: String
        /// With its algorithm: `sha256:…`.
        package let digest: String
        package let byteCount: Int?
        /// What an index says that one of its manifests is; most say nothing.
        package let artifactType: String?
    }

    /// Nil for an index of manifests.
    package let layers: [Descriptor]?
    /// The manifests of an index; empty for a manifest.
    package let manifests: [Descriptor]

    /// What to accept when a manifest is asked for.
    package static let accept =
        "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
        + "application/vnd.docker.distribution.manifest.v2+json"

    private static let manifestTypes = [
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]

    /// Reads a manifest or an index; at most 4 MiB, as registries have it.
    package init(_ bytes: [UInt8]) throws(DocumentFault) {
        guard bytes.count <= 4 << 20 else { throw DocumentFault("the manifest is too long") }
        var reader = DocumentReader(bytes)
        var layers: [Descriptor]?
        var manifests: [Descriptor] = []
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: bytes), try reader.kind()) {
            case ("layers", .array): layers = try Self.descriptors(&reader)
            case ("manifests", .array): manifests = try Self.descriptors(&reader)
            default: _ = try reader.value()
            }
        }
        try reader.finish()
        guard layers != nil || !manifests.isEmpty else {
            throw DocumentFault("the manifest names no layers")
        }
        self.layers = layers
        self.manifests = manifests
    }

    /// The layer that is the `.tgz` itself, whose digest is that of the chart.
    package var chart: Descriptor? {
        layer("application/vnd.cncf.helm.chart.content.v1.tar+gzip")
            ?? layer("application/tar+gzip")
    }

    /// The layer that is the `.prov`; most charts have none.
    package var provenance: Descriptor? {
        layer("application/vnd.cncf.helm.chart.provenance.v1.prov")
    }

    /// The manifest of an index that is the chart's: the one that says so, else the first.
    ///
    /// Source: helm/community, proposal on selecting artifacts from an image index (pull 424).
    package var chartManifest: Descriptor? {
        let usable = manifests.filter { Self.manifestTypes.contains($0.mediaType) }
        return usable.first { $0.artifactType == "application/vnd.cncf.helm.config.v1+json" }
            ?? usable.first
    }

    private func layer(_ mediaType: String) -> Descriptor? {
        layers?.first { $0.mediaType == mediaType }
    }

    private static func descriptors(
        _ reader: inout DocumentReader
    ) throws(DocumentFault) -> [Descriptor] {
        var found: [Descriptor] = []
        try reader.enterArray()
        while try reader.nextElement() {
            if let descriptor = try descriptor(&reader), found.count < 1_000 {
                found.append(descriptor)
            }
        }
        return found
    }

    private static func descriptor(
        _ reader: inout DocumentReader
    ) throws(DocumentFault) -> Descriptor? {
        let bytes = reader.bytes
        var mediaType: String?
        var digest: String?
        var byteCount: Int?
        var artifactType: String?
        guard try reader.kind() == .object else {
            _ = try reader.value()
            return nil
        }
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: bytes), try reader.kind()) {
            case ("mediaType", .string): mediaType = try reader.string().string(in: bytes)
            case ("digest", .string): digest = try reader.string().string(in: bytes)
            case ("artifactType", .string):
                artifactType = try reader.string().string(in: bytes)
            case ("size", .number):
                byteCount = Int(String(decoding: bytes[try reader.value()], as: UTF8.self))
            default: _ = try reader.value()
            }
        }
        guard let mediaType, let digest, OCIReference.isDigest(digest) else { return nil }
        return Descriptor(
            mediaType: mediaType, digest: digest,
            byteCount: byteCount.flatMap { $0 < 0 ? nil : $0 }, artifactType: artifactType)
    }
}
