extension JSONStream {
    /// Passes what comes until a value has ended with `target` containers open, or the piece ends.
    ///
    /// One pass without recursion, closures or allocation; this is where a large document's time
    /// goes. Gives the offset behind what was passed.
    mutating func skip(
        _ bytes: Span<UInt8>, from start: Int, downTo target: Int
    ) throws(JSONFault) -> Int {
        var index = start
        var place = place
        var depth = depth
        var objects = objects
        defer { (self.place, self.depth, self.objects) = (place, depth, objects) }
        // A token that the last piece left open may have been the end.
        if place == .afterValue, depth == target { return index }
        while index < bytes.count {
            let byte = bytes[index]
            if byte <= 0x20 {
                guard Self.isWhitespace(byte) else { throw .unexpectedByte(at: before + index) }
                index &+= 1
                continue
            }
            switch place {
            case .firstKey, .key:
                if byte == JSONScanner.quote {
                    index = try restOfString(bytes, from: index &+ 1)
                    place = .colon
                    if index < bytes.count, bytes[index] == JSONScanner.colon, open.kind == .none {
                        index &+= 1
                        place = .value
                    }
                    continue
                }
                guard byte == JSONScanner.closeBrace, place == .firstKey else {
                    throw .unexpectedByte(at: before + index)
                }
                depth &-= 1
                objects &>>= 1
                index &+= 1
            case .colon:
                guard byte == JSONScanner.colon else { throw .unexpectedByte(at: before + index) }
                index &+= 1
                place = .value
                continue
            case .value, .firstElement:
                if byte == JSONScanner.quote {
                    index = try restOfString(bytes, from: index &+ 1)
                } else if byte == JSONScanner.openBrace || byte == JSONScanner.openBracket {
                    guard depth < JSONReader.depthLimit else { throw .tooDeep(at: before + index) }
                    let isObject = byte == JSONScanner.openBrace
                    objects = objects &<< 1 | (isObject ? 1 : 0)
                    depth &+= 1
                    place = isObject ? .firstKey : .firstElement
                    index &+= 1
                    continue
                } else if byte == JSONScanner.closeBracket, place == .firstElement {
                    depth &-= 1
                    objects &>>= 1
                    index &+= 1
                } else {
                    guard open.begin(byte) else { throw .unexpectedByte(at: before + index) }
                    index = try continueToken(bytes, from: index &+ 1)
                }
            case .afterValue:
                let isObject = objects & 1 == 1
                if byte == JSONScanner.comma {
                    place = isObject ? .key : .value
                    index &+= 1
                    continue
                }
                guard byte == (isObject ? JSONScanner.closeBrace : JSONScanner.closeBracket) else {
                    throw .unexpectedByte(at: before + index)
                }
                depth &-= 1
                objects &>>= 1
                index &+= 1
            }
            place = .afterValue
            if depth == target { return index }
        }
        return index
    }

    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
