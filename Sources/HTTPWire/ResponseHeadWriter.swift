/// What stands in a response head beside its own fields.
package struct ResponseHead: Sendable {
    /// How the receiver finds the end of the body (RFC 9112 section 6.3).
    package enum Framing: Sendable, Hashable {
        /// Neither field: 204, 304, and HEAD where the length is not known.
        case none
        case length(Int)
        case chunked
    }

    package enum Connection: Sendable, Hashable {
        /// Persistent as HTTP/1.1 is by itself: no field.
        case persistent
        /// Persistent with a client of HTTP/1.0, which must be told.
        case keepAlive
        case close
    }

    package let status: Int
    package let framing: Framing
    package let connection: Connection
    /// The value of X-Request-Id, printable ASCII; nil for no such field.
    package let requestID: String?
    /// What stands behind the status, in printable ASCII; nil for the usual phrase.
    package let phrase: [UInt8]?

    package init(
        status: Int, framing: Framing, connection: Connection, requestID: String? = nil,
        phrase: [UInt8]? = nil
    ) {
        self.requestID = requestID
        self.phrase = phrase
        self.status = status
        self.framing = framing
        self.connection = connection
    }
}

/// Writes response heads and the framing of chunks, as bytes.
package enum ResponseHeadWriter {
    package static let requestIDField = "X-Request-Id"

    /// Appends a whole head, with its empty line, to `output`.
    ///
    /// The fields are complete header lines, each ending in CRLF; they are appended as they are,
    /// so they must come from closed sets or be checked (rule M5 of the reliability study). The
    /// date is the value of Date.
    package static func append(
        _ head: ResponseHead, fields: [UInt8], date: [UInt8], to output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + fields.count + 160)
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        append(head.status, to: &output)
        output.append(0x20)
        if let phrase = head.phrase {
            output.append(contentsOf: phrase)
        } else {
            output.append(contentsOf: reason(head.status).utf8)
        }
        output.append(contentsOf: "\r\nDate: ".utf8)
        output.append(contentsOf: date)
        switch head.connection {
        case .persistent: output.append(contentsOf: "\r\n".utf8)
        case .keepAlive: output.append(contentsOf: "\r\nConnection: keep-alive\r\n".utf8)
        case .close: output.append(contentsOf: "\r\nConnection: close\r\n".utf8)
        }
        switch head.framing {
        case .none: break
        case .length(let count):
            output.append(contentsOf: "Content-Length: ".utf8)
            append(count, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        case .chunked: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        }
        if let id = head.requestID {
            output.append(contentsOf: requestIDField.utf8)
            output.append(contentsOf: ": ".utf8)
            output.append(contentsOf: id.utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: fields)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends the line before a chunk of `count` bytes, which is above zero.
    package static func appendChunkStart(_ count: Int, to output: inout [UInt8]) {
        precondition(count > 0, "a chunk of no bytes would end the body")
        output.append(contentsOf: String(count, radix: 16).utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// What follows the bytes of a chunk.
    package static let chunkEnd: [UInt8] = [0x0D, 0x0A]
    /// An informational response: the client may send its body (RFC 9110 section 15.2.1).
    package static let goAhead = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    /// The last chunk, without trailers.
    package static let lastChunk = Array("0\r\n\r\n".utf8)

    private static func append(_ number: Int, to output: inout [UInt8]) {
        precondition(number >= 0)
        guard number >= 10 else {
            output.append(0x30 + UInt8(number))
            return
        }
        append(number / 10, to: &output)
        output.append(0x30 + UInt8(number % 10))
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 451: "Unavailable For Legal Reasons"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
