internal import Digests
internal import Ecosystems

extension JSONPageWriter {
    /// A file's object without the members that may not stay; the others byte for byte.
    func rebuilt(_ file: ProjectFile, _ source: JSONFile) throws(DocumentFault) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: source.object.count)
        var reader = DocumentReader(page.bytes, at: source.object.lowerBound)
        var missing = source.rewritten
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let value = try reader.value()
            let known = FileKeys.named(key, in: page.bytes) ?? []
            guard source.removed.isDisjoint(with: known) || known.isEmpty else { continue }
            missing.remove(known)
            writer.rawKey(page.bytes[key.range.lowerBound - 1..<key.range.upperBound + 1])
            if known == .url {
                writer.string(linkText(of: file)[...])
            } else if source.rewritten.isDisjoint(with: known) || known.isEmpty {
                writer.raw(page.bytes[value])
            } else {
                try write(known, of: file, source, to: &writer)
            }
        }
        for (key, name) in Self.addable where missing.contains(key) {
            writer.key(name)
            try write(key, of: file, source, to: &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Members that a file may get though the upstream's object does not have them.
    private static let addable: [(FileKeys, StaticString)] = [
        (.hashes, "hashes"), (.coreMetadata, "core-metadata"),
    ]

    private func write(
        _ key: FileKeys, of file: ProjectFile, _ source: JSONFile, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        switch key {
        case .hashes: try writeStringMembers(of: source.hashes, to: &writer)
        case .coreMetadata: write(file.metadata, to: &writer)
        default: writer.bool(true)
        }
    }

    /// Writes an object again without the members that are no strings.
    private func writeStringMembers(
        of object: Range<Int>?, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        writer.beginObject()
        if let object, !object.isEmpty {
            var reader = DocumentReader(page.bytes, at: object.lowerBound)
            try reader.enterObject()
            while let key = try reader.nextKey() {
                let isString = try reader.kind() == .string
                let value = try reader.value()
                guard isString else { continue }
                writer.rawKey(page.bytes[key.range.lowerBound - 1..<key.range.upperBound + 1])
                writer.raw(page.bytes[value])
            }
        }
        writer.endObject()
    }

    /// The JSON of an HTML page: version 1.0, since it lacks what 1.1 demands.
    func written() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: page.bytes.count + 1_024)
        writer.beginObject()
        writer.key("meta")
        writer.beginObject()
        writer.key("api-version")
        writer.string("1.0")
        writer.endObject()
        writer.key("name")
        writer.string(page.project)
        if let status = page.status {
            writer.key("project-status")
            writer.beginObject()
            write("status", status, to: &writer)
            write("reason", page.statusReason, to: &writer)
            writer.endObject()
        }
        writer.key("files")
        writer.beginArray()
        for file in page.files { write(file, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ file: ProjectFile, to writer: inout JSONWriter) {
        writer.beginObject()
        write("filename", file.filename, to: &writer)
        writer.key("url")
        writer.string(linkText(of: file)[...])
        writer.key("hashes")
        writer.beginObject()
        if let hash = file.hash { write(hash, to: &writer) }
        writer.endObject()
        write("requires-python", file.requiresPython, to: &writer)
        if let size = file.size {
            writer.key("size")
            writer.raw(page.bytes[size])
        }
        write("upload-time", file.uploadTime, to: &writer)
        if case .notAnnounced = file.metadata {
        } else {
            writer.key("core-metadata")
            write(file.metadata, to: &writer)
        }
        switch file.signature {
        case .unknown: break
        case .signed, .unsigned:
            writer.key("gpg-sig")
            if case .signed = file.signature { writer.bool(true) } else { writer.bool(false) }
        }
        write(file.yank, to: &writer)
        write("provenance", file.provenance, to: &writer)
        writer.endObject()
    }

    private func write(_ yank: ProjectFile.Yank, to writer: inout JSONWriter) {
        switch yank {
        case .notYanked: break
        case .yanked:
            writer.key("yanked")
            writer.bool(true)
        case .reason(let reason): write("yanked", reason, to: &writer)
        }
    }

    private func write(_ metadata: ProjectFile.Metadata, to writer: inout JSONWriter) {
        switch metadata {
        case .notAnnounced: writer.bool(false)
        case .announced: writer.bool(true)
        case .hashed(let hash):
            writer.beginObject()
            write(hash, to: &writer)
            writer.endObject()
        }
    }

    private func write(_ hash: ProjectFile.Hash, to writer: inout JSONWriter) {
        writer.rawKey(Array("\"\(hash.algorithm.rawValue)\"".utf8)[...])
        writer.string(page.bytes[hash.hex])
    }

    private func write(_ key: StaticString, _ text: Range<Int>?, to writer: inout JSONWriter) {
        guard let text else { return }
        writer.key(key)
        writer.string(page.bytes[text])
    }
}
