/// What the stub does with one request: by default a plain 200 of known length.
package struct OriginAnswer: Sendable {
    package enum Conduct: Sendable {
        case answer
        /// Takes the request and never answers.
        case blackhole
        /// Resets the connection instead of answering.
        case reset
        /// Sends header fields until nobody takes them.
        case endlessHeaders
        /// Sends these bytes and closes.
        case raw([UInt8])
    }

    package enum Body: Sendable {
        case bytes([UInt8])
        case pattern(Pattern)
        /// A file by its path.
        case file(String)
        /// Zeros until nobody takes them.
        case endless
    }

    package enum Framing: Sendable {
        case length
        /// A Content-Length that says something else.
        case declared(Int)
        case chunked
        case chunkedWithoutEnd
        /// HTTP/1.0 without a length.
        case close
    }

    /// What happens to the body after some of its bytes.
    package struct Cut: Sendable {
        package enum Kind: Sendable {
            case reset, close
            /// Sends nothing more until the peer leaves.
            case stall
            /// Waits at the gate and goes on.
            case gate(Gate)
        }

        package let afterByteCount: Int
        package let kind: Kind

        package init(afterByteCount: Int, kind: Kind) {
            self.afterByteCount = afterByteCount
            self.kind = kind
        }
    }

    package struct Pace: Sendable {
        package let byteCount: Int
        package let milliseconds: Int

        package init(byteCount: Int, milliseconds: Int) {
            self.byteCount = byteCount
            self.milliseconds = milliseconds
        }
    }

    package var conduct = Conduct.answer
    /// Where it waits before the head.
    package var gate: Gate?
    /// Informational responses before the final one.
    package var informational = (status: 103, count: 0)
    package var status: Int
    package var fields: [(name: String, value: String)]
    package var body: Body
    package var framing = Framing.length
    package var cut: Cut?
    package var pace: Pace?
    /// Whether it answers If-None-Match with 304 and Range with 206.
    package var isConditional = false

    package init(
        _ status: Int = 200, _ body: Body = .bytes([]),
        fields: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.body = body
        self.fields = fields
    }

    /// The same answer with one thing changed.
    package func with<Value>(
        _ part: WritableKeyPath<OriginAnswer, Value>, _ value: Value
    ) -> OriginAnswer {
        var copy = self
        copy[keyPath: part] = value
        return copy
    }
}

extension OriginAnswer {
    package static func bytes(_ bytes: [UInt8], type: String? = nil) -> OriginAnswer {
        OriginAnswer(200, .bytes(bytes), fields: type.map { [("Content-Type", $0)] } ?? [])
    }

    package static func text(_ text: String, type: String? = nil) -> OriginAnswer {
        bytes(Array(text.utf8), type: type)
    }

    package static func pattern(_ byteCount: Int, seed: UInt32 = 1) -> OriginAnswer {
        OriginAnswer(200, .pattern(Pattern(byteCount: byteCount, seed: seed)))
    }

    /// A body with an entity tag, which conditional and range requests are measured by.
    package static func entity(
        _ body: Body, tag: String, type: String? = nil, lastModified: String? = nil
    ) -> OriginAnswer {
        var answer = OriginAnswer(200, body, fields: [("ETag", tag), ("Accept-Ranges", "bytes")])
        if let type { answer.fields.append(("Content-Type", type)) }
        if let lastModified { answer.fields.append(("Last-Modified", lastModified)) }
        answer.isConditional = true
        return answer
    }

    package static func redirect(_ status: Int = 302, to location: String) -> OriginAnswer {
        OriginAnswer(status, fields: [("Location", location)])
    }

    /// 429, 503 and the like.
    package static func busy(_ status: Int, retryAfter: String? = nil) -> OriginAnswer {
        OriginAnswer(status, fields: retryAfter.map { [("Retry-After", $0)] } ?? [])
    }

    package static func conduct(_ conduct: Conduct) -> OriginAnswer {
        OriginAnswer().with(\.conduct, conduct)
    }

    package static let blackhole = conduct(.blackhole)
    package static let reset = conduct(.reset)
    package static let endlessHeaders = conduct(.endlessHeaders)
    package static let endlessBody = OriginAnswer(200, .endless)
        .with(\.framing, .chunkedWithoutEnd)

    package static func raw(_ text: String) -> OriginAnswer { conduct(.raw(Array(text.utf8))) }
}
