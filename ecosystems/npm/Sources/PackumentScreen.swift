internal import Ecosystems
internal import HTTPModel

/// Takes versions out of a packument, and leads its tags to those that stay.
///
/// Every other byte stays. Hidden versions go from `versions`, `time` and `dist-tags`; `modified`
/// stays, since clients take it for an upper bound.
struct PackumentScreen {
    private let bytes: [UInt8]
    /// Versions by their text as it stands in the document, in its order.
    private var versions: [(name: String, value: Range<Int>)] = []
    private var verdicts: [String: ReleaseVerdict] = [:]

    init(
        _ bytes: [UInt8], package: String, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) {
        self.bytes = bytes
        var times: [String: Int64] = [:]
        var reader = DocumentReader(bytes)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: bytes), try reader.kind()) {
            case ("versions", .object):
                try reader.enterObject()
                while let key = try reader.nextKey() {
                    versions.append((key.string(in: bytes), try reader.value()))
                }
            case ("time", .object):
                try reader.enterObject()
                while let key = try reader.nextKey() {
                    guard try reader.kind() == .string else {
                        _ = try reader.value()
                        continue
                    }
                    let text = try reader.string().decoded(in: bytes)
                    times[key.string(in: bytes)] = Timestamp(text)?.seconds
                }
            default: _ = try reader.value()
            }
        }
        for (name, _) in versions {
            verdicts[name] = judge(
                Release(package: package, version: name, publishedAt: times[name]))
        }
    }

    private func isShown(_ version: String) -> Bool { verdicts[version] == .shown }

    /// Nil when no version is left of those that there were.
    func packument() throws(DocumentFault) -> [UInt8]? {
        guard verdicts.contains(where: { $0.value != .shown }) else { return bytes }
        guard verdicts.contains(where: { $0.value == .shown }) else { return nil }
        var writer = JSONWriter(reservingCapacity: bytes.count)
        var reader = DocumentReader(bytes)
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let name = key.string(in: bytes)
            // Only ours may be there: npm believes it.
            guard name != "policyRestrictions" else {
                _ = try reader.value()
                continue
            }
            writer.rawKey(key, of: bytes)
            guard ["versions", "time", "dist-tags"].contains(name), try reader.kind() == .object
            else {
                writer.raw(bytes[try reader.value()])
                continue
            }
            if name == "dist-tags" {
                try tags(&reader, to: &writer)
            } else {
                try shown(&reader, to: &writer)
            }
        }
        restrictions(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The members of an object but for those of hidden versions.
    private func shown(
        _ reader: inout DocumentReader, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let value = try reader.value()
            guard verdicts[key.string(in: bytes)] ?? .shown == .shown else { continue }
            writer.rawKey(key, of: bytes)
            writer.raw(bytes[value])
        }
        writer.endObject()
    }

    private func tags(
        _ reader: inout DocumentReader, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .string else {
                _ = try reader.value()
                continue
            }
            let target = try reader.string().string(in: bytes)
            let isLatest = key.equals("latest", in: bytes)
            guard let version = replacement(of: target, isLatest: isLatest) else { continue }
            writer.rawKey(key, of: bytes)
            writer.string(version)
        }
        writer.endObject()
    }

    /// What a tag stands for: its version, or the best one that is not above it.
    ///
    /// A prerelease gives way to a prerelease, a release to a release, and within its major number
    /// unless the tag is `latest`; not deprecated ones first. It is pnpm's rule, so that clients
    /// which filter by themselves agree. Nil where there is none.
    private func replacement(of target: String, isLatest: Bool) -> String? {
        guard let verdict = verdicts[target], verdict != .shown else { return target }
        guard let wanted = SemanticVersion(target) else { return nil }
        var best: (name: String, version: SemanticVersion, isDeprecated: Bool)?
        for (name, value) in versions where isShown(name) {
            guard let version = SemanticVersion(name), version <= wanted,
                version.isPrerelease == wanted.isPrerelease,
                isLatest || version.numbers[0] == wanted.numbers[0]
            else { continue }
            let isDeprecated = isDeprecated(value)
            if let best {
                guard
                    best.isDeprecated == isDeprecated
                        ? best.version < version : best.isDeprecated
                else { continue }
            }
            best = (name, version, isDeprecated)
        }
        if best == nil, isLatest { return newest() }
        return best?.name
    }

    /// The newest version that is left, for a `latest` that would stand for nothing: clients
    /// cannot do without that tag.
    private func newest() -> String? {
        let found = versions.compactMap { one in
            isShown(one.name) ? SemanticVersion(one.name).map { (one.name, $0) } : nil
        }
        return found.max { one, other in
            one.1.isPrerelease == other.1.isPrerelease
                ? one.1 < other.1 : one.1.isPrerelease
        }?.0
    }

    private func isDeprecated(_ version: Range<Int>) -> Bool {
        var reader = DocumentReader(bytes, at: version.lowerBound)
        guard (try? reader.enterObject()) != nil else { return false }
        while let key = try? reader.nextKey() {
            guard let value = try? reader.value() else { return false }
            if key.equals("deprecated", in: bytes) {
                return !["false", "\"\"", "null"].contains(
                    String(decoding: bytes[value], as: UTF8.self))
            }
        }
        return false
    }

    /// Says why versions are not there, where npm looks for that when nothing fits.
    ///
    /// Source: npm-pick-manifest, `policyRestrictions`.
    private func restrictions(to writer: inout JSONWriter) {
        var reasons: [String] = []
        var names: [String] = []
        for (name, _) in versions {
            guard case .marked(let reason) = verdicts[name] else { continue }
            names.append(name)
            if !reasons.contains(reason), reasons.count < 8 { reasons.append(reason) }
        }
        guard !names.isEmpty else { return }
        writer.key("policyRestrictions")
        writer.beginObject()
        writer.key("versions")
        writer.beginObject()
        for name in names {
            var key = JSONWriter()
            key.string(name)
            writer.rawKey(key.bytes[...])
            writer.beginObject()
            writer.key("version")
            writer.string(name)
            writer.endObject()
        }
        writer.endObject()
        writer.key("message")
        writer.string(reasons.joined(separator: "; "))
        writer.endObject()
    }
}
