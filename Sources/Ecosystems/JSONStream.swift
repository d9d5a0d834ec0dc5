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
    }

    /// The offset in the piece behind the latest token.
    package private(set) var position = 0
    /// Where the latest token or skipped value begins in the piece.
    ///
    /// 0 when it began in an earlier one. With ``Token/pieceEnd``, it is that of the one which is
    /// open, and the piece's length when none is.
    package private(set) var start = 0
    /// The body of the latest key or string, within ``bytes(of:)``.
    package private(set) var text = JSONText(range: 0..<0, hasEscapes: false)
    /// The first byte of the latest key, string, number or literal.
    package private(set) var firstByte: UInt8 = 0
    /// How many containers are open.
    package internal(set) var depth = 0

    /// How many bytes came in earlier pieces.
    var before = 0
    var place = Place.value
    var open = JSONOpenToken()
    /// A bit for each open container, the innermost lowest: 1 for an object.
    var objects: UInt64 = 0
    private var interest = Interest.tokens
    /// What the open token is, and its offset in the text.
    private var kind = Token.literal
    private var tokenOffset = 0
    private var hasEnded = false
    /// The text's part in earlier pieces, when it has one.
    private var captured: [UInt8] = []
    private var isCaptured = false
    private var textStart = 0

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
            return .skipped
        }
        return try step(piece)
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

    private mutating func endPiece(_ piece: [UInt8]) throws(JSONFault) -> Token {
        if case .skippingNext = interest { start = piece.count }
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

    // MARK: Tokens

    /// Goes to the first byte of the next value; false when it is not in this piece.
    private mutating func findValue(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
        while true {
            position = JSONScanner.skipWhitespace(bytes, position)
            guard position < bytes.count else { return false }
            switch place {
            case .value, .firstElement:
                start = position
                return true
            case .colon:
                try pass(JSONScanner.colon, bytes, then: .value)
            default:
                throw .unexpectedByte(at: before + position)
            }
        }
    }

    private mutating func pass(
        _ byte: UInt8, _ bytes: Span<UInt8>, then next: Place
    ) throws(JSONFault) {
        guard bytes[position] == byte else { throw .unexpectedByte(at: before + position) }
        position += 1
        place = next
    }

    private mutating func step(_ piece: [UInt8]) throws(JSONFault) -> Token {
        let bytes = piece.span
        while true {
            position = JSONScanner.skipWhitespace(bytes, position)
            guard position < bytes.count else { return try endPiece(piece) }
            let byte = bytes[position]
            start = position
            switch place {
            case .firstKey where byte == JSONScanner.closeBrace: return close(.objectEnd)
            case .firstElement where byte == JSONScanner.closeBracket: return close(.arrayEnd)
            case .firstKey, .key:
                guard byte == JSONScanner.quote else { throw .unexpectedByte(at: before + start) }
                place = .colon
                return try token(.key, piece)
            case .value, .firstElement:
                return try value(byte, piece)
            case .colon:
                try pass(JSONScanner.colon, bytes, then: .value)
            case .afterValue:
                guard depth > 0 else { throw .unexpectedByte(at: before + start) }
                let isObject = objects & 1 == 1
                if byte == (isObject ? JSONScanner.closeBrace : JSONScanner.closeBracket) {
                    return close(isObject ? .objectEnd : .arrayEnd)
                }
                try pass(JSONScanner.comma, bytes, then: isObject ? .key : .value)
            }
        }
    }

    private mutating func close(_ token: Token) -> Token {
        position += 1
        depth -= 1
        objects &>>= 1
        place = .afterValue
        return token
    }

    private mutating func value(_ byte: UInt8, _ piece: [UInt8]) throws(JSONFault) -> Token {
        switch byte {
        case JSONScanner.openBrace, JSONScanner.openBracket:
            guard depth < JSONReader.depthLimit else { throw .tooDeep(at: before + position) }
            let isObject = byte == JSONScanner.openBrace
            position += 1
            depth += 1
            objects = objects &<< 1 | (isObject ? 1 : 0)
            place = isObject ? .firstKey : .firstElement
            return isObject ? .objectStart : .arrayStart
        case JSONScanner.quote:
            place = .afterValue
            return try token(.string, piece)
        default:
            place = .afterValue
            guard open.begin(byte) else { throw .unexpectedByte(at: before + position) }
            let isLiteral = open.kind == .literal
            return try token(isLiteral ? .literal : .number, piece)
        }
    }

    /// Reads the token that begins here: its first byte has been looked at.
    private mutating func token(_ kind: Token, _ piece: [UInt8]) throws(JSONFault) -> Token {
        self.kind = kind
        tokenOffset = before + position
        firstByte = piece[position]
        position += 1
        if kind == .key || kind == .string {
            textStart = position
            isCaptured = false
            open = JSONOpenToken(kind: .text)
        }
        position = try continueToken(piece.span, from: position)
        guard open.kind == .none else { return try endPiece(piece) }
        return try completed(piece)
    }

    private mutating func completed(_ piece: [UInt8]) throws(JSONFault) -> Token {
        guard kind == .key || kind == .string else { return kind }
        if isCaptured {
            captured.append(contentsOf: piece[textStart..<position - 1])
            text = JSONText(range: 0..<captured.count, hasEscapes: open.hasEscapes)
        } else {
            text = JSONText(range: textStart..<position - 1, hasEscapes: open.hasEscapes)
        }
        guard text.range.count <= Self.textLimit else { throw .tooLong(at: tokenOffset) }
        return kind
    }
}
