internal import Ecosystems

/// Takes files out of a document of the JSON API.
///
/// `info` is about one version, and so are `urls`: where that is hidden, there is no document. A
/// project's newest version being hidden, its tools are better off with the simple API.
struct JSONAPIScreen {
    private let bytes: [UInt8]
    private let project: String
    private let judge: (Release) -> ReleaseVerdict

    init(_ bytes: [UInt8], project: String, by judge: @escaping (Release) -> ReleaseVerdict) {
        self.bytes = bytes
        self.project = project
        self.judge = judge
    }

    /// Nil when all files of the version that it is about are hidden.
    func document() throws(DocumentFault) -> [UInt8]? {
        let version = try describedVersion()
        var writer = JSONWriter(reservingCapacity: bytes.count)
        var reader = DocumentReader(bytes)
        var count = (shown: 0, hidden: 0)
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            writer.rawKey(key, of: bytes)
            if kind == .array, key.equals("urls", in: bytes) {
                count = try files(&reader, of: version, to: &writer)
            } else if kind == .object, key.equals("releases", in: bytes) {
                try releases(&reader, to: &writer)
            } else {
                writer.raw(bytes[try reader.value()])
            }
        }
        writer.endObject()
        if count.shown == 0 {
            guard count.hidden == 0 else { return nil }
            // No files, and so no date: what is known of the version itself decides.
            guard judge(Release(package: project, version: version)) == .shown else { return nil }
        }
        return writer.bytes
    }

    private func describedVersion() throws(DocumentFault) -> String? {
        var reader = DocumentReader(bytes)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("info", in: bytes), try reader.kind() == .object else {
                _ = try reader.value()
                continue
            }
            return try text("version", ofObjectAt: reader.position)
        }
        return nil
    }

    private func text(_ name: String, ofObjectAt place: Int) throws(DocumentFault) -> String? {
        var reader = DocumentReader(bytes, at: place)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            if key.equals(name, in: bytes), try reader.kind() == .string {
                return try reader.string().string(in: bytes)
            }
            _ = try reader.value()
        }
        return nil
    }

    private func releases(
        _ reader: inout DocumentReader, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .array else {
                _ = try reader.value()
                continue
            }
            var inner = JSONWriter()
            let count = try files(&reader, of: key.string(in: bytes), to: &inner)
            guard count.shown > 0 || count.hidden == 0 else { continue }
            writer.rawKey(key, of: bytes)
            writer.raw(inner.bytes[...])
        }
        writer.endObject()
    }

    private func files(
        _ reader: inout DocumentReader, of version: String?, to writer: inout JSONWriter
    ) throws(DocumentFault) -> (shown: Int, hidden: Int) {
        var count = (shown: 0, hidden: 0)
        writer.beginArray()
        try reader.enterArray()
        while try reader.nextElement() {
            let isObject = try reader.kind() == .object
            let value = try reader.value()
            guard isObject else { continue }
            let time = try text("upload_time_iso_8601", ofObjectAt: value.lowerBound)
            let release = Release(
                package: project, version: version,
                publishedAt: time.flatMap { UploadTime.secondsSince1970(Array($0.utf8)[...]) })
            guard judge(release) == .shown else {
                count.hidden += 1
                continue
            }
            count.shown += 1
            writer.raw(bytes[value])
        }
        writer.endArray()
        return count
    }
}
