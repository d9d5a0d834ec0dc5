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
            writer.rawKey(key, of: page.bytes)
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
                writer.rawKey(key, of: page.bytes)
                writer.raw(page.bytes[value])
            }
        }
        writer.endObject()
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
}
