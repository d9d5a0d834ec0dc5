package import Ecosystems

extension HelmAdapter {
    package func scope(ofDocument name: String) -> DocumentScope { .all }

    /// An archive is called `<chart>-<version>.tgz`; one with another name has no chart here.
    package func release(ofArtifact name: String, version: String?) -> ArtifactRelease {
        let isProvenance = name.hasSuffix(ChartPath.provenance)
        let archive = isProvenance ? String(name.dropLast(ChartPath.provenance.utf8.count)) : name
        var stem = archive.split(separator: "/").last ?? ""
        for ending in [".tgz", ".tar.gz"] where stem.hasSuffix(ending) {
            stem = stem.dropLast(ending.utf8.count)
            break
        }
        if let version, stem.hasSuffix("-\(version)") {
            return ArtifactRelease(
                artifact: archive, package: String(stem.dropLast(version.count + 1)),
                version: version)
        }
        // The first hyphen behind which a version stands: charts' names have hyphens, too.
        for index in stem.indices where stem[index] == "-" {
            let rest = stem[stem.index(after: index)...]
            guard SemanticVersion(rest) != nil else { continue }
            return ArtifactRelease(
                artifact: archive, package: String(stem[..<index]),
                version: version ?? String(rest))
        }
        return ArtifactRelease(artifact: archive, package: nil, version: version)
    }

    package func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument? {
        let bytes = try withoutActuallyEscaping(judge) {
            (judge) throws(DocumentFault) -> [UInt8] in
            var options = IndexOptions(upstream: upstream)
            options.keepsURLs = true
            options.hides = { judge(Release(package: $0, version: $1)) != .shown }
            return try HelmIndex.written(document.bytes, options).bytes
        }
        return UpstreamDocument(document.head, bytes: bytes)
    }
}

extension HelmMergingAdapter {
    package func scope(ofDocument name: String) -> DocumentScope { .all }

    /// The merged index is JSON of our own, so that entries can be cut out of it.
    package func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument? {
        let bytes = document.bytes
        var writer = JSONWriter(reservingCapacity: bytes.count)
        var reader = DocumentReader(bytes)
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            writer.rawKey(key, of: bytes)
            if key.equals("entries", in: bytes) {
                try Self.charts(&reader, to: &writer, judge)
            } else {
                writer.raw(bytes[try reader.value()])
            }
        }
        writer.endObject()
        return UpstreamDocument(document.head, bytes: writer.bytes)
    }

    private static func charts(
        _ reader: inout DocumentReader, to writer: inout JSONWriter,
        _ judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) {
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let chart = key.string(in: reader.bytes)
            var kept: [Range<Int>] = []
            try reader.enterArray()
            while try reader.nextElement() {
                let entry = try reader.value()
                let version = try version(of: entry, in: reader.bytes)
                if judge(Release(package: chart, version: version)) == .shown { kept.append(entry) }
            }
            guard !kept.isEmpty else { continue }
            writer.rawKey(key, of: reader.bytes)
            writer.beginArray()
            for entry in kept { writer.raw(reader.bytes[entry]) }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func version(
        of entry: Range<Int>, in bytes: [UInt8]
    ) throws(DocumentFault) -> String? {
        var reader = DocumentReader(bytes, at: entry.lowerBound)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if key.equals("version", in: bytes), try reader.kind() == .string {
                return try reader.string().string(in: bytes)
            }
            _ = try reader.value()
        }
        return nil
    }
}
