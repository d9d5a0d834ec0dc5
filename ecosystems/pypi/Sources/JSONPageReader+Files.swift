internal import Digests
internal import Ecosystems

extension JSONPageReader {
    /// The members of a file's object, as they are read.
    struct FileMembers {
        var file = ProjectFile()
        var seen: FileKeys = []
        var removed: FileKeys = []
        var rewritten: FileKeys = []
        var urlValue = 0..<0
        var hashesValue: Range<Int>?
    }

    /// Reads the next file; one whose URL is neither http nor https is left out.
    mutating func readFile() throws(DocumentFault) {
        var members = FileMembers()
        keys.removeAll()
        guard try reader.kind() == .object else {
            throw DocumentFault("a file of the page is no object")
        }
        let start = reader.position
        try reader.enterObject()
        while let member = try reader.nextMember() {
            if let known = FileKeys.named(member.key, in: bytes, names) {
                guard members.seen.isDisjoint(with: known) else { throw Self.keyTwice }
                members.seen.formUnion(known)
                try read(known, member, into: &members)
            } else {
                guard keys.insert(member.key, in: bytes) else { throw Self.keyTwice }
                try skip(member)
            }
        }
        try finish(&members, object: start..<reader.position)
    }

    private static let keyTwice = DocumentFault("a file of the page has a key twice")

    private mutating func finish(
        _ members: inout FileMembers, object: Range<Int>
    ) throws(DocumentFault) {
        guard members.seen.isSuperset(of: [.filename, .url]) else {
            throw DocumentFault("a file of the page has no name or no URL")
        }
        guard
            DistributionFileName.isFileName(texts.bytes.span.extracting(members.file.filename))
        else {
            throw DocumentFault("a file of the page has a name that is none")
        }
        guard let link = map.link(to: members.file.url, from: base, in: &texts) else { return }
        members.file.place = link.place
        members.file.link = link.text
        // uv refuses a page with a file without hashes; an empty object is legal.
        if members.hashesValue == nil { members.rewritten.insert(.hashes) }
        members.file.origin = .json(
            JSONFile(
                object: object, urlValue: members.urlValue, hashes: members.hashesValue,
                removed: members.removed, rewritten: members.rewritten))
        files.append(members.file)
    }

    /// Passes over a value that is not read yet.
    mutating func skip(_ member: JSONMember) throws(DocumentFault) {
        if member.kind == .object || member.kind == .array { _ = try reader.value() }
    }

    /// Reads the value of a key that we know.
    ///
    /// A value of a type that clients do not expect is marked for removal: pip 23.1, uv and others
    /// give up a whole page for one.
    private mutating func read(
        _ key: FileKeys, _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        switch key {
        case .filename: members.file.filename = try required(member)
        case .url:
            members.file.url = try required(member)
            members.urlValue = member.value.lowerBound - 1..<member.value.upperBound + 1
        case .hashes: try readHashes(member, into: &members)
        case .coreMetadata, .pep658Metadata: try readMetadata(key, member, into: &members)
        case .signature: try readSignature(member, into: &members)
        case .yanked: try readYank(member, into: &members)
        case .size: try readSize(member, into: &members)
        case .mistaken: try skip(member)
        default: try readText(key, member, into: &members)
        }
    }

    private mutating func required(_ member: JSONMember) throws(DocumentFault) -> Range<Int> {
        guard member.kind == .string else {
            throw DocumentFault("a file of the page has no name or no URL")
        }
        return decoded(member.text)
    }

    private mutating func readText(
        _ key: FileKeys, _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        guard member.kind == .string else {
            try skip(member)
            if member.kind != .null || key == .uploadTime { members.removed.insert(key) }
            return
        }
        let range = decoded(member.text)
        let text = texts.bytes.span.extracting(range)
        switch key {
        case .requiresPython: members.file.requiresPython = text.isEmpty ? nil : range
        case .provenance: members.file.provenance = URLText.isAbsolute(text) ? range : nil
        default:
            let isTime = UploadTime.secondsSince1970(text) != nil
            members.file.uploadTime = isTime ? range : nil
            if !isTime { members.removed.insert(key) }
        }
    }

    private mutating func readSize(
        _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        try skip(member)
        let isSize =
            member.kind == .number && member.value.count <= 18
            && ByteSet.decimalDigits.containsAll(of: bytes.span.extracting(member.value))
        members.file.size = isSize ? member.value : nil
        if !isSize { members.removed.insert(.size) }
    }

    private mutating func readSignature(
        _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        try skip(member)
        switch member.kind {
        case .true: members.file.signature = .signed
        case .false: members.file.signature = .unsigned
        case .null: break
        case .array, .object, .string, .number: members.removed.insert(.signature)
        }
    }

    /// Anything but false and null is a yank; what is neither true nor a reason is written as true.
    private mutating func readYank(
        _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        switch member.kind {
        case .false, .null: break
        case .string:
            let reason = decoded(member.text)
            members.file.yank = reason.isEmpty ? .yanked : .reason(reason)
            if reason.isEmpty { members.rewritten.insert(.yanked) }
        case .true, .array, .object, .number:
            try skip(member)
            members.file.yank = .yanked
            if member.kind != .true { members.rewritten.insert(.yanked) }
        }
    }
}
