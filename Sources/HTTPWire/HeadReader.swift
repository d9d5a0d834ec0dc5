internal import HTTPModel

/// A strict reader of one request head (RFC 9112), over a receive buffer that grows.
///
/// It looks at every byte once, keeps ranges and copies nothing until the head is whole and clean.
/// Where the RFC lets a reader be lenient, it is not: the bytes that two readers understand
/// differently are how requests are smuggled (rule F1 of the reliability study).
package struct HeadReader: Sendable {
    private let limits: HeadLimits
    private var scanner = LineScanner()
    private var stage = Stage.start
    private var fieldsStart = 0
    private var fieldCount = 0
    private var draft = HeadDraft()

    private enum Stage: Sendable {
        /// Nothing yet; one empty line may come first (RFC 9112 section 2.2).
        case start
        case requestLine, fields
    }

    package init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
    }

    /// Reads on in a message.
    ///
    /// - Parameter bytes: The message from its first byte, each time with the bytes of the last
    ///   call at its front.
    /// - Returns: The head, or nil when more bytes are needed. What follows it in `bytes` was not
    ///   looked at.
    /// - Throws: The first fault in the order of the bytes, wherever the input was cut. The reader
    ///   must not be used again then.
    package mutating func read(_ bytes: Span<UInt8>) throws(WireFault) -> ParsedHead? {
        while let line = try nextLine(bytes) {
            switch stage {
            case .start where line.isEmpty:
                stage = .requestLine
            case .start, .requestLine:
                draft.line = try RequestLine(bytes, line)
                stage = .fields
                fieldsStart = scanner.position
            case .fields where line.isEmpty:
                return try draft.finish(bytes, byteCount: scanner.position)
            case .fields:
                fieldCount += 1
                guard fieldCount <= limits.fieldCount else { throw .tooManyFields }
                try draft.add(bytes, line)
            }
        }
        return nil
    }

    private mutating func nextLine(_ bytes: Span<UInt8>) throws(WireFault) -> Range<Int>? {
        switch stage {
        case .start, .requestLine:
            let limit = scanner.lineStart + limits.requestLineByteCount + 1
            return try scanner.nextLine(bytes, limit: limit, orThrow: .requestLineTooLong)
        case .fields:
            let limit = fieldsStart + limits.fieldsByteCount
            return try scanner.nextLine(bytes, limit: limit, orThrow: .fieldsTooLong)
        }
    }
}

/// `method SP target SP version`, with exactly one space each (RFC 9112 section 3).
struct RequestLine: Sendable {
    let method: Method
    let target: RequestTarget
    let version: ParsedHead.Version

    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(WireFault) {
        guard let first = Self.space(bytes, line) else { throw .requestLineMalformed }
        let rest = (first + 1)..<line.upperBound
        method = try Self.method(bytes.extracting(line.lowerBound..<first))
        guard let second = Self.space(bytes, rest) else { throw .requestLineMalformed }
        version = try Self.version(bytes.extracting((second + 1)..<line.upperBound))
        do throws(RequestTarget.Fault) {
            target = try RequestTarget(bytes.extracting(rest.lowerBound..<second))
        } catch {
            throw .targetMalformed
        }
    }

    private static func space(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        for index in range where bytes[index] == 0x20 { return index }
        return nil
    }

    private static func method(_ token: Span<UInt8>) throws(WireFault) -> Method {
        guard (1...32).contains(token.count) else { throw .methodMalformed }
        for index in token.indices where !ByteClasses.isToken(token[index]) {
            throw .methodMalformed
        }
        return Method(String(copyingText: token))
    }

    private static func version(_ text: Span<UInt8>) throws(WireFault) -> ParsedHead.Version {
        guard text.count == 8, text[0] == 0x48, text[1] == 0x54, text[2] == 0x54, text[3] == 0x50,
            text[4] == 0x2F, ByteClasses.isDigit(text[5]), text[6] == 0x2E,
            ByteClasses.isDigit(text[7])
        else { throw .versionMalformed }
        switch (text[5], text[7]) {
        case (0x31, 0x30): return .http10
        case (0x31, 0x31): return .http11
        default: throw .versionUnsupported
        }
    }
}
