internal import Digests
internal import Ecosystems

extension JSONPageReader {
    /// The members of a file's object, as they are read.
    struct FileMembers {
        var seen: FileKeys = []
        var removed: FileKeys = []
        var rewritten: FileKeys = []
        var filename: Range<Int>?
        var url: Range<Int>?
        var urlValue = 0..<0
        var hashesValue: Range<Int>?
        var hash: ProjectFile.Hash?
        var requiresPython: Range<Int>?
        var metadata = ProjectFile.Metadata.notAnnounced
        var yank = ProjectFile.Yank.notYanked
        var signature = ProjectFile.Signature.unknown
        var size: Range<Int>?
        var uploadTime: Range<Int>?
        var provenance: Range<Int>?
    }

    /// Reads the next file; nil for one whose URL is neither http nor https.
    mutating func file() throws(DocumentFault) -> ProjectFile? {
        var members = FileMembers()
        keys.removeAll()
        guard try reader.kind() == .object else {
            throw DocumentFault("a file of the page is no object")
        }
        let start = reader.position
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let known = FileKeys.named(key, in: reader.bytes)
            let isNew =
                if let known { members.seen.insert(known).inserted } else {
                    keys.insert(key, in: reader.bytes)
                }
            guard isNew else { throw DocumentFault("a file of the page has a key twice") }
            if let known { try read(known, into: &members) } else { _ = try reader.value() }
        }
        return try file(members, object: start..<reader.position)
    }

    private mutating func file(
        _ members: FileMembers, object: Range<Int>
    ) throws(DocumentFault) -> ProjectFile? {
        guard let filename = members.filename, let url = members.url else {
            throw DocumentFault("a file of the page has no name or no URL")
        }
        let name = pool.text(filename, of: reader.bytes)
        guard DistributionFileName.isFileName(name) else {
            throw DocumentFault("a file of the page has a name that is none")
        }
        guard let link = map.link(to: url, from: base, in: reader.bytes, &pool) else { return nil }
        // uv refuses a page with a file without hashes; an empty object is legal.
        let isHashed = members.hashesValue != nil
        let origin = JSONFile(
            object: object, urlValue: members.urlValue, hashes: members.hashesValue,
            removed: members.removed,
            rewritten: isHashed ? members.rewritten : members.rewritten.union(.hashes))
        return ProjectFile(
            filename: filename, place: link.place, link: link.text, url: url, hash: members.hash,
            requiresPython: members.requiresPython, metadata: members.metadata,
            yank: members.yank, signature: members.signature, size: members.size,
            uploadTime: members.uploadTime, provenance: members.provenance, origin: .json(origin))
    }

    /// Reads the value of a key that we know.
    ///
    /// A value of a type that clients do not expect is marked for removal: pip 23.1, uv and others
    /// give up a whole page for one.
    private mutating func read(
        _ key: FileKeys, into members: inout FileMembers
    ) throws(DocumentFault) {
        switch key {
        case .filename: members.filename = try text()
        case .url:
            let text = try reader.string()
            members.urlValue = text.range.lowerBound - 1..<text.range.upperBound + 1
            members.url =
                text.hasEscapes ? pool.add(text.decoded(in: reader.bytes)) : text.range
        case .hashes: try readHashes(into: &members)
        case .coreMetadata, .pep658Metadata: try readMetadata(key, into: &members)
        case .signature: try readSignature(into: &members)
        case .yanked: try readYank(into: &members)
        case .size: try readSize(into: &members)
        default: try readText(key, into: &members)
        }
    }

    private mutating func readText(
        _ key: FileKeys, into members: inout FileMembers
    ) throws(DocumentFault) {
        guard try reader.kind() == .string else {
            let isNull = try reader.kind() == .null
            _ = try reader.value()
            if !isNull || key == .uploadTime { members.removed.insert(key) }
            return
        }
        let range = try text()
        let text = pool.text(range, of: reader.bytes)
        switch key {
        case .requiresPython: members.requiresPython = text.isEmpty ? nil : range
        case .provenance: members.provenance = URLText.isAbsolute(text) ? range : nil
        default:
            let isTime = UploadTime.secondsSince1970(text) != nil
            members.uploadTime = isTime ? range : nil
            if !isTime { members.removed.insert(key) }
        }
    }

    private mutating func readSize(into members: inout FileMembers) throws(DocumentFault) {
        let value = try reader.value()
        let isSize =
            (1...18).contains(value.count)
            && reader.bytes[value].allSatisfy { (0x30...0x39).contains($0) }
        members.size = isSize ? value : nil
        if !isSize { members.removed.insert(.size) }
    }

    private mutating func readSignature(into members: inout FileMembers) throws(DocumentFault) {
        let kind = try reader.kind()
        _ = try reader.value()
        switch kind {
        case .true: members.signature = .signed
        case .false: members.signature = .unsigned
        case .null: break
        case .array, .object, .string, .number: members.removed.insert(.signature)
        }
    }

    /// Anything but false and null is a yank; what is neither true nor a reason is written as true.
    private mutating func readYank(into members: inout FileMembers) throws(DocumentFault) {
        let kind = try reader.kind()
        switch kind {
        case .false, .null:
            _ = try reader.value()
        case .string:
            let reason = try text()
            members.yank = reason.isEmpty ? .yanked : .reason(reason)
            if reason.isEmpty { members.rewritten.insert(.yanked) }
        case .true, .array, .object, .number:
            _ = try reader.value()
            members.yank = .yanked
            if kind != .true { members.rewritten.insert(.yanked) }
        }
    }
}
