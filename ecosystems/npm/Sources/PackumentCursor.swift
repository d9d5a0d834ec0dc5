internal import Ecosystems

/// Walks a packument, or one version's manifest, that comes in pieces, and stops where it matters.
///
/// Members that are not wanted are checked and passed without a stop.
struct PackumentCursor {
    enum Event {
        /// Nothing is left of the piece.
        case pieceEnd
        /// A wanted key: its value follows.
        case member(PackumentMember)
        case open(PackumentPlace)
        case close(PackumentPlace)
        case string
        /// A value of another kind, or one that was to be copied.
        case value
    }

    private(set) var stream = JSONStream()
    private let wanted: PackumentMembers
    /// The open objects, innermost last.
    private var places: [PackumentPlace] = []
    /// The place that an object would be which comes now.
    private var next: PackumentPlace
    private var isPassing = false
    private var duplicates: DuplicateKeys?

    /// Walks a document, or a version where that is the `root`.
    ///
    /// With `refusesDuplicates`, a key that matters must not be there twice.
    init(
        _ wanted: PackumentMembers, root: PackumentPlace = .document,
        refusesDuplicates: Bool = false
    ) {
        self.wanted = wanted
        next = root
        duplicates = refusesDuplicates ? DuplicateKeys() : nil
    }

    /// The latest key or string, decoded.
    func text(in piece: [UInt8]) -> [UInt8] { stream.text.decoded(in: stream.bytes(of: piece)) }

    /// The latest key or string as it stands between its quotes.
    func rawText(in piece: [UInt8]) -> ArraySlice<UInt8> {
        stream.bytes(of: piece)[stream.text.range]
    }

    /// Goes on to the end of the value that follows, which is then an ``Event/value``.
    mutating func copyValue() { stream.skipValue() }

    /// Goes on behind the value that follows, without a stop.
    mutating func passValue() {
        stream.skipValue()
        isPassing = true
    }

    mutating func next(_ piece: [UInt8]) throws(DocumentFault) -> Event {
        while true {
            switch try stream.token(piece) {
            case .pieceEnd: return .pieceEnd
            case .key:
                let member = try member(piece)
                guard wanted.contains(member) else {
                    passValue()
                    continue
                }
                next = member.place
                return .member(member)
            case .objectStart:
                places.append(next)
                duplicates?.open(next)
                return .open(next)
            case .objectEnd:
                duplicates?.close()
                return .close(places.popLast() ?? .elsewhere)
            case .arrayStart: stream.skipRest()
            case .arrayEnd, .number, .literal: return .value
            case .string: return .string
            case .skipped:
                guard isPassing else { return .value }
                isPassing = false
            }
        }
    }

    private mutating func member(_ piece: [UInt8]) throws(DocumentFault) -> PackumentMember {
        let bytes = stream.bytes(of: piece)
        let member = (places.last ?? .elsewhere).member(stream.text, in: bytes)
        guard duplicates?.isNew(member, stream.text, in: bytes) ?? true else {
            throw DocumentFault("a key that matters is there twice")
        }
        return member
    }

    func finish() throws(DocumentFault) {
        var stream = stream
        do { try stream.finish() } catch { throw DocumentFault(error) }
    }
}

extension JSONStream {
    /// ``next(_:)`` of a document of an upstream.
    mutating func token(_ piece: [UInt8]) throws(DocumentFault) -> Token {
        do { return try next(piece) } catch { throw DocumentFault(error) }
    }
}

/// The keys of open objects that have been there, to refuse a second one.
///
/// Two readers of a text with duplicate keys may each see another value, which is how a check is
/// walked around.
private struct DuplicateKeys {
    /// For each open object, the known members that it has shown.
    private var known: [UInt32] = []
    private var versions = JSONKeySet()
    private var tags = JSONKeySet()

    mutating func open(_ place: PackumentPlace) { known.append(0) }
    mutating func close() { known.removeLast() }

    mutating func isNew(_ member: PackumentMember, _ key: JSONText, in bytes: [UInt8]) -> Bool {
        switch member {
        case .other, .kept, .timeEntry, .installScript: return true
        case .version: return versions.insert(key, in: bytes)
        case .tag: return tags.insert(key, in: bytes)
        default:
            guard let seen = known.last, seen & member.bit == 0 else { return false }
            known[known.count - 1] = seen | member.bit
            return true
        }
    }
}
