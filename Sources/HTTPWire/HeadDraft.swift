internal import HTTPModel

/// What is known of a head while its lines come in: ranges of the receive buffer, no copies.
struct HeadDraft: Sendable {
    var line: RequestLine?
    private var hasHost = false
    private var contentLength: Int?
    private var isChunked = false
    private var expectsContinue = false
    private var asksToClose = false
    private var asksToPersist = false
    private var asksForRefresh = false
    /// The values of fields that end up in the request, in the order they came.
    private var kept: [(field: KnownField, value: Range<Int>)] = []

    private var isOutdated: Bool { line?.version == .http10 }

    /// Takes one header line, without its CRLF; it is not empty.
    mutating func add(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(WireFault) {
        guard !ByteClasses.isSpace(bytes[line.lowerBound]) else { throw .obsoleteFold }
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != 0x3A {
            guard ByteClasses.isToken(bytes[colon]) else { throw .fieldMalformed }
            colon += 1
        }
        guard colon > line.lowerBound, colon < line.upperBound else { throw .fieldMalformed }
        guard let field = KnownField(bytes.extracting(line.lowerBound..<colon)) else { return }
        let value = bytes.trimmed((colon + 1)..<line.upperBound)
        let text = bytes.extracting(value)
        switch field {
        case .host:
            try addHost(text)
            kept.append((field, value))
        case .contentLength: try addContentLength(text)
        case .transferEncoding: try addTransferEncoding(text)
        case .expect: try addExpectation(text)
        case .connection:
            asksToClose = asksToClose || text.listHolds("close")
            asksToPersist = asksToPersist || text.listHolds("keep-alive")
        case .cacheControl, .pragma:
            asksForRefresh = asksForRefresh || text.listHolds("no-cache")
        case .accept, .acceptEncoding, .ifNoneMatch, .ifModifiedSince, .ifRange, .range,
            .contentType, .contentEncoding, .authorization, .forwarded, .forwardedHost,
            .forwardedPrefix, .forwardedProto, .forwardedFor, .requestID:
            kept.append((field, value))
        }
    }

    /// The head, after its empty line.
    func finish(_ bytes: Span<UInt8>, byteCount: Int) throws(WireFault) -> ParsedHead {
        guard let line else { throw .requestLineMalformed }
        guard hasHost || isOutdated else { throw .hostMissing }
        var request = RequestHead(method: line.method, target: line.target)
        request.asksForRefresh = asksForRefresh
        for (field, range) in kept {
            request.add(field, String(copyingText: bytes.extracting(range)))
        }
        return ParsedHead(
            request: request, version: line.version,
            isPersistent: !asksToClose && (!isOutdated || asksToPersist),
            framing: framing, expectsContinue: expectsContinue && framing != .none,
            byteCount: byteCount)
    }

    private var framing: BodyFraming {
        if isChunked { return .chunked }
        guard let contentLength, contentLength > 0 else { return .none }
        return .length(contentLength)
    }

    // MARK: Fields that decide about framing

    private mutating func addHost(_ text: Span<UInt8>) throws(WireFault) {
        guard !hasHost else { throw .hostRepeated }
        guard HostField.isValid(text) else { throw .hostMalformed }
        hasHost = true
    }

    private mutating func addContentLength(_ text: Span<UInt8>) throws(WireFault) {
        // Also when both say the same: RFC 9112 section 6.3 lets us refuse.
        guard contentLength == nil else { throw .contentLengthRepeated }
        guard !isChunked else { throw .framingAmbiguous }
        guard (1...18).contains(text.count) else { throw .contentLengthMalformed }
        var number = 0
        for index in text.indices {
            guard ByteClasses.isDigit(text[index]) else { throw .contentLengthMalformed }
            number = number * 10 + Int(text[index] - 0x30)
        }
        contentLength = number
    }

    private mutating func addTransferEncoding(_ text: Span<UInt8>) throws(WireFault) {
        guard !isChunked else { throw .transferCodingRepeated }
        guard contentLength == nil else { throw .framingAmbiguous }
        // RFC 9112 section 6.1: a server or client of HTTP/1.0 may not know the framing.
        guard !isOutdated else { throw .transferCodingOutdated }
        guard text.spells("chunked") else {
            throw Self.isTokenList(text) ? .transferCodingUnsupported : .transferCodingMalformed
        }
        isChunked = true
    }

    private mutating func addExpectation(_ text: Span<UInt8>) throws(WireFault) {
        // RFC 9110 section 10.1.1: ignored in HTTP/1.0.
        guard !isOutdated else { return }
        guard text.spells("100-continue") else { throw .expectationUnsupported }
        expectsContinue = true
    }

    /// Whether these are tokens with commas between, and not one of them empty.
    private static func isTokenList(_ text: Span<UInt8>) -> Bool {
        var start = 0
        for index in 0...text.count where index == text.count || text[index] == 0x2C {
            let member = text.extracting(text.trimmed(start..<index))
            guard !member.isEmpty else { return false }
            for index in member.indices where !ByteClasses.isToken(member[index]) { return false }
            start = index + 1
        }
        return true
    }
}

extension RequestHead {
    /// Adds a field that came; lines of one name are one list (RFC 9110 section 5.3).
    fileprivate mutating func add(_ field: KnownField, _ value: String) {
        func joined(_ earlier: String?) -> String { earlier.map { $0 + ", " + value } ?? value }
        func forward(_ part: WritableKeyPath<ForwardingFields, String?>) {
            var fields = forwarding ?? ForwardingFields()
            fields[keyPath: part] = joined(fields[keyPath: part])
            forwarding = fields
        }
        switch field {
        case .host: host = value
        case .accept: accept = joined(accept)
        case .acceptEncoding: acceptEncoding = joined(acceptEncoding)
        case .ifNoneMatch: ifNoneMatch = joined(ifNoneMatch)
        case .ifModifiedSince: ifModifiedSince = joined(ifModifiedSince)
        case .ifRange: ifRange = joined(ifRange)
        case .range: range = joined(range)
        case .forwarded: forward(\.forwarded)
        case .forwardedHost: forward(\.host)
        case .forwardedPrefix: forward(\.prefix)
        case .forwardedProto: forward(\.scheme)
        case .forwardedFor: forward(\.client)
        // Of several none is plain, so that none is taken over.
        case .requestID: requestID = joined(requestID)
        case .authorization:
            // Of several nobody can say which one is meant.
            authorization = AuthorizationField(authorization == nil ? value : "")
        case .contentType: contentType = joined(contentType)
        case .contentEncoding: contentEncoding = joined(contentEncoding)
        case .connection, .contentLength, .transferEncoding, .expect, .cacheControl, .pragma:
            break
        }
    }
}
