extension JSONStream {
    /// Goes to the first byte of the next value; false when it is not in this piece.
    mutating func findValue(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
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

    mutating func step(_ piece: [UInt8]) throws(JSONFault) -> Token {
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
            if depth < filters.scalarCount { filters[depth] = .max }
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

    mutating func completed(_ piece: [UInt8]) throws(JSONFault) -> Token {
        guard kind == .key || kind == .string else { return kind }
        if isCaptured {
            captured.append(contentsOf: piece[textStart..<position - 1])
            text = JSONText(range: 0..<captured.count, hasEscapes: open.hasEscapes)
        } else {
            text = JSONText(range: textStart..<position - 1, hasEscapes: open.hasEscapes)
        }
        guard text.range.count <= Self.textLimit else { throw .tooLong(at: tokenOffset) }
        if kind == .key {
            (head, tail) =
                isCaptured
                ? Self.words(of: captured.span, text.range) : Self.words(of: piece.span, text.range)
        }
        return kind
    }

    /// What ``head`` and ``tail`` are for a text.
    @inline(__always)
    static func words(
        of bytes: Span<UInt8>, _ range: Range<Int>
    ) -> (head: UInt64, tail: UInt64) {
        if range.count >= 8 {
            return (
                ByteSearch.word(bytes, at: range.lowerBound),
                ByteSearch.word(bytes, at: range.upperBound &- 8)
            )
        }
        if range.lowerBound &+ 8 <= bytes.count {
            let mask = (1 as UInt64) &<< UInt64(range.count &* 8) &- 1
            let word = ByteSearch.word(bytes, at: range.lowerBound) & mask
            return (word, word)
        }
        var word: UInt64 = 0
        for index in range {
            word |= UInt64(bytes[index]) &<< UInt64((index &- range.lowerBound) &* 8)
        }
        return (word, word)
    }
}
