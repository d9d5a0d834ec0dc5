/// Reads one JSON text that comes in pieces of any size, checking all of it and building nothing.
///
/// The caller walks the levels that it knows, token by token, and skips the rest, which is checked
/// all the same: grammar, UTF-8 and escapes of strings, numbers, depth. Where the text is cut makes
/// no difference. Constant memory: what is kept between pieces is one open token, and of its bytes
/// only those of a key or a string that the caller asked for. After the last piece, call
/// ``finish()``. Source: RFC 8259.
///
/// A lone surrogate escape (`\ud800`) passes, as in ``JSONReader``.
package struct JSONStream: Sendable {
    /// The most bytes that a key or a string which is not skipped may have.
    package static let textLimit = 1 << 16

    package enum Token: Sendable, Hashable {
        /// Nothing is left of the piece; the next call gets the next one.
        case pieceEnd
        case objectStart, objectEnd, arrayStart, arrayEnd
        /// A key; the next token begins its value.
        case key
        case string
        /// A number.
        case number
        /// true, false or null.
        case literal
        /// A value, or the rest of a container, that was to be skipped.
        case skipped
    }

    /// What may come next where no token is open.
    enum Place {
        case value, firstElement, key, firstKey, colon, afterValue
    }

    /// What the caller wants of the value in turn.
    enum Interest {
        case tokens
        /// The next value is to be skipped; it has not begun.
        case skippingNext
        /// Skipping until this many containers are open and a value has ended.
        case skipping(downTo: Int)
        /// Passing members of the object at this depth that are not wanted.
        case searching(at: Int)
    }

    /// The offset in the piece behind the latest token.
    package internal(set) var position = 0
    /// Where the latest token or skipped value begins in the piece.
    ///
    /// 0 when it began in an earlier one. With ``Token/pieceEnd``, it is that of the one which is
    /// open, and the piece's length when none is.
    package internal(set) var start = 0
    /// The body of the latest key or string, within ``bytes(of:)``.
    package internal(set) var text = JSONText(range: 0..<0, hasEscapes: false)
    /// The first eight bytes of the latest key's text, the first one lowest, zeros behind a shorter.
    ///
    /// With ``tail``, the last eight, or all of a shorter one, they tell keys apart quickly.
    package internal(set) var head: UInt64 = 0
    package internal(set) var tail: UInt64 = 0
    /// The first byte of the latest key, string, number or literal.
    package internal(set) var firstByte: UInt8 = 0
    /// How many containers are open.
    package internal(set) var depth = 0

    /// How many bytes came in earlier pieces.
    var before = 0
    var place = Place.value
    var open = JSONOpenToken()
    /// A bit for each open container, the innermost lowest: 1 for an object.
    var objects: UInt64 = 0
    var interest = Interest.tokens
    /// The wanted keys by the depth of their object, for the outermost ones.
    var filters = SIMD8<UInt64>(repeating: .max)
    /// Whether the value that is skipped is no token of its own.
    var isPassing = false
    /// What the open token is, and its offset in the text.
    var kind = Token.literal
    var tokenOffset = 0
    private var hasEnded = false
    /// The text's part in earlier pieces, when it has one.
    var captured: [UInt8] = []
    var isCaptured = false
    var textStart = 0

    package init() {}

    /// The bytes that ``text`` is a range of, for the piece that the latest token came from.
    package func bytes(of piece: [UInt8]) -> [UInt8] { isCaptured ? captured : piece }

    /// Whether the text's bytes are in the piece itself, so that ``text`` is a range of it.
    package var isTextWhole: Bool { !isCaptured }

    /// With ``Token/pieceEnd``, where the string that is open begins in the piece; nil when none is.
    ///
    /// It says nothing of strings that are skipped.
    package var openString: Int? {
        guard case .tokens = interest, open.kind != .none, kind == .string else { return nil }
        return start
    }

    /// Makes the next value one ``Token/skipped``: behind a key, or before the whole text.
    package mutating func skipValue() { interest = .skippingNext }

    /// Goes on behind the next value, which is behind a key, without a token for it.
    package mutating func passValue() {
        interest = .skippingNext
        isPassing = true
    }

    /// Gives tokens for the wanted members of the innermost open object alone, or of few more.
    ///
    /// To be called behind ``Token/objectStart``, and of use in the outermost objects only.
    package mutating func watchKeys(_ filter: JSONKeyFilter) {
        if depth < filters.scalarCount { filters[depth] = filter.bits }
    }

    /// Makes the rest of the innermost open container one ``Token/skipped``.
    package mutating func skipRest() {
        precondition(depth > 0, "no container is open")
        interest = .skipping(downTo: depth - 1)
    }

    /// The next token; the same piece is given until the answer is ``Token/pieceEnd``.
    package mutating func next(_ piece: [UInt8]) throws(JSONFault) -> Token {
        if hasEnded { beginPiece() }
        let bytes = piece.span
        if open.kind != .none {
            position = try continueToken(bytes, from: position)
            guard open.kind == .none else { return try endPiece(piece) }
            if case .tokens = interest { return try completed(piece) }
        }
        if case .skippingNext = interest {
            guard try findValue(bytes) else { return try endPiece(piece) }
            interest = .skipping(downTo: depth)
        }
        if case .skipping(let target) = interest {
            position = try skip(bytes, from: position, downTo: target)
            guard open.kind == .none, place == .afterValue, depth == target else {
                return try endPiece(piece)
            }
            interest = .tokens
            guard isPassing else { return .skipped }
            isPassing = false
        }
        if let depth = searchDepth {
            interest = .searching(at: depth)
            let filter = JSONKeyFilter(bits: filters[depth])
            position = try skip(
                bytes, from: position, downTo: -1, Watch(depth: depth, filter: filter))
            guard open.kind == .none, position < piece.count else { return try endPiece(piece) }
            interest = .tokens
        }
        return try step(piece)
    }

    /// The depth of the object in which members are to be passed; nil where each is a token.
    private var searchDepth: Int? {
        if case .searching(let depth) = interest { return depth }
        guard place == .firstKey || place == .key || (place == .afterValue && objects & 1 == 1),
            depth < filters.scalarCount, filters[depth] != .max
        else { return nil }
        return depth
    }

    /// Checks that the text has ended.
    package mutating func finish() throws(JSONFault) {
        // A number at the outermost level ends with the text.
        if open.isCompleteNumber { open.kind = .none }
        guard open.kind == .none, depth == 0, place == .afterValue else { throw .unexpectedEnd }
    }

    // MARK: Pieces

    private mutating func beginPiece() {
        hasEnded = false
        position = 0
        start = 0
        textStart = 0
        if open.kind == .none { isCaptured = false }
    }

    mutating func endPiece(_ piece: [UInt8]) throws(JSONFault) -> Token {
        switch interest {
        case .skippingNext, .searching: start = piece.count
        case .tokens, .skipping: break
        }
        if case .tokens = interest {
            if open.kind == .none {
                start = piece.count
            } else if kind == .key || kind == .string {
                if !isCaptured { captured.removeAll(keepingCapacity: true) }
                isCaptured = true
                captured.append(contentsOf: piece[textStart...])
                guard captured.count <= Self.textLimit + 8 else { throw .tooLong(at: tokenOffset) }
            }
        }
        before += piece.count
        hasEnded = true
        return .pieceEnd
    }
}
