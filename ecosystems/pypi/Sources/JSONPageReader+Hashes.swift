internal import Digests
internal import Ecosystems

extension JSONPageReader {
    /// Reads `hashes`: every digest stays, the best one goes into links.
    mutating func readHashes(
        _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        guard member.kind == .object else {
            try skip(member)
            members.rewritten.insert(.hashes)
            members.hashesValue = 0..<0
            return
        }
        let start = reader.position
        let object = try hashObject()
        members.hashesValue = start..<reader.position
        members.file.hash = object.best
        if object.hasOtherValues { members.rewritten.insert(.hashes) }
    }

    /// Reads `core-metadata`, or `dist-info-metadata` where only that is there.
    ///
    /// The older name never stays: pip 23.1 crashes on it (PEP 714). An announcement stays only
    /// when clients can use it: `true`, or a hash that they know.
    mutating func readMetadata(
        _ key: FileKeys, _ member: JSONMember, into members: inout FileMembers
    ) throws(DocumentFault) {
        let isOlder = key == .pep658Metadata
        if isOlder { members.removed.insert(key) }
        var metadata = ProjectFile.Metadata.notAnnounced
        var isUsable = true
        switch member.kind {
        case .true: metadata = .announced
        case .false, .null: break
        case .object:
            let object = try hashObject()
            isUsable = object.best != nil && !object.hasOtherValues
            if let best = object.best { metadata = .hashed(best) }
        case .array, .string, .number:
            try skip(member)
            isUsable = false
        }
        if !isOlder {
            members.rewritten.remove(.coreMetadata)
            members.removed.remove(.coreMetadata)
        }
        guard !isOlder || !members.seen.contains(.coreMetadata) else { return }
        members.file.metadata = metadata
        if isOlder || !isUsable { rewriteMetadata(in: &members) }
    }

    /// Has `core-metadata` written from what was understood, or left out when that is nothing.
    private func rewriteMetadata(in members: inout FileMembers) {
        if case .notAnnounced = members.file.metadata {
            members.removed.insert(.coreMetadata)
        } else {
            members.rewritten.insert(.coreMetadata)
        }
    }

    /// Reads an object of hashes by name.
    private mutating func hashObject() throws(DocumentFault) -> (
        best: ProjectFile.Hash?, hasOtherValues: Bool
    ) {
        var best: ProjectFile.Hash?
        var bestRank = Int.max
        var hasOtherValues = false
        // The first key stands apart, so that the usual object of one key allocates nothing.
        var first: JSONText?
        var seen: [JSONText] = []
        try reader.enterObject()
        while let member = try reader.nextMember() {
            let key = member.key
            if let first {
                let isNew = !isSame(first, key) && !seen.contains { isSame($0, key) }
                guard isNew, seen.count < 32 else {
                    throw DocumentFault("a file of the page has a hash twice")
                }
                seen.append(key)
            } else {
                first = key
            }
            guard member.kind == .string else {
                try skip(member)
                hasOtherValues = true
                continue
            }
            let hex = decoded(member.text)
            guard let algorithm = algorithm(named: key),
                let rank = algorithm.fragmentRank, rank < bestRank,
                Self.isHex(texts.bytes.span.extracting(hex), of: algorithm)
            else { continue }
            (best, bestRank) = (ProjectFile.Hash(algorithm: algorithm, hex: hex), rank)
        }
        return (best, hasOtherValues)
    }

    private func algorithm(named key: JSONText) -> DigestAlgorithm? {
        // Nearly always this one, and found without making a String.
        if key.short(in: bytes.span) == Self.sha256 { return .sha256 }
        return DigestAlgorithm(rawValue: key.string(in: bytes))
    }

    private static let sha256 = ShortText("sha256")

    private func isSame(_ first: JSONText, _ second: JSONText) -> Bool {
        if first.hasEscapes || second.hasEscapes {
            return first.decoded(in: bytes) == second.decoded(in: bytes)
        }
        return bytes[first.range] == bytes[second.range]
    }

    static func isHex(_ text: Span<UInt8>, of algorithm: DigestAlgorithm) -> Bool {
        guard text.count == algorithm.byteCount * 2 else { return false }
        var index = 0
        // Every digest has a multiple of eight digits.
        while index &+ 8 <= text.count {
            guard ByteWord.isHex(ByteWord.load(text, at: index)) else { return false }
            index &+= 8
        }
        return ByteSet.hexDigits.containsAll(of: text.extracting(index...))
    }
}
