import Compression

extension Fault {
    /// What is answered to a request in the place of `right`.
    ///
    /// A damaged body has a tag of its own, so that a conditional request meets the fault, too.
    func applied(to right: OriginAnswer, for request: OriginRequest) -> OriginAnswer {
        switch self {
        // Of the port: where a request comes nevertheless, its connection ends.
        case .refused, .unaccepted, .reset: .reset
        case .blackhole: .blackhole
        case .endlessHeaders: .endlessHeaders
        case .wrongProtocol: .raw("SSH-2.0-OpenSSH_9.2\r\n")
        case .status(let status): OriginAnswer(status)
        case .busy(let status, let retryAfter): .busy(status, retryAfter: retryAfter)
        case .redirect(let location): .redirect(to: location)
        case .redirectLoop: .redirect(to: request.target)
        case .unaskedNotModified: OriginAnswer(304, fields: [("ETag", "\"nobody-has-it\"")])
        case .loginPage: Self.loginPageAnswer
        default: right.status == 200 ? damaged(right.retagged) : right
        }
    }

    private func damaged(_ right: OriginAnswer) -> OriginAnswer {
        let bytes = right.body.whole
        let count = bytes.count
        switch self {
        case .cut(let position, let end):
            let cut = OriginAnswer.Cut(afterByteCount: min(position, count), kind: end.kind)
            return right.with(\.cut, cut)
        case .drip(let byteCount, let milliseconds):
            return right.with(
                \.pace, OriginAnswer.Pace(byteCount: byteCount, milliseconds: milliseconds))
        case .declaring(let more):
            return right.unconditional.with(\.framing, .declared(max(0, count + more)))
        case .longer(let more):
            return right.holding(bytes + [UInt8](repeating: 0, count: more))
        case .shorter(let fewer): return right.holding(Array(bytes.dropLast(fewer)))
        case .wrongFirstByte: return right.holding(bytes.prefix(1).map(~) + bytes.dropFirst())
        case .wrongLastByte: return right.holding(bytes.dropLast() + bytes.suffix(1).map(~))
        case .otherBytes: return right.holding(bytes.map(~))
        case .endlessBody:
            return right.unconditional.with(\.body, .endless).with(\.framing, .chunkedWithoutEnd)
        case .brokenGzip:
            return right.holding([0x1F, 0x8B, 8] + bytes).saying("Content-Encoding", "gzip")
        case .gzipBomb: return right.holding(Self.bomb).saying("Content-Encoding", "gzip")
        case .unaskedPartial:
            let half = Array(bytes.prefix(count / 2))
            return right.holding(half).with(\.status, 206)
                .saying("Content-Range", "bytes 0-\(half.count - 1)/\(count)")
        case .garbage: return right.holding(Pattern(byteCount: 5_000, seed: 77).bytes)
        case .replaced(let other): return right.holding(other)
        default: return right
        }
    }

    private static let loginPageAnswer = OriginAnswer.text(
        "<!DOCTYPE html><html><body><form>Log in</form></body></html>",
        type: "text/html; charset=utf-8")

    /// Made once; empty if there is no memory for it.
    static let bomb: [UInt8] = {
        var bytes: [UInt8] = []
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        guard var deflater = try? Deflater(level: .fast) else { return [] }
        for _ in 0..<256 { try? deflater.push(zeros, into: &bytes) }
        try? deflater.finish(into: &bytes)
        return bytes
    }()
}

extension Fault.End {
    fileprivate var kind: OriginAnswer.Cut.Kind {
        switch self {
        case .reset: .reset
        case .close: .close
        case .stall: .stall
        }
    }
}

extension OriginAnswer {
    /// The same under another tag, if it has one.
    fileprivate var retagged: OriginAnswer {
        with(
            \.fields,
            fields.map { $0.name == "ETag" ? ($0.name, "\"faulty-\($0.value.count)\"") : $0 })
    }

    fileprivate var unconditional: OriginAnswer { with(\.isConditional, false) }

    /// The same with other bytes, whatever was asked.
    fileprivate func holding(_ bytes: [UInt8]) -> OriginAnswer {
        unconditional.with(\.body, .bytes(bytes))
    }

    fileprivate func saying(_ name: String, _ value: String) -> OriginAnswer {
        with(\.fields, fields + [(name, value)])
    }
}

extension OriginAnswer.Body {
    /// All of it; nothing of an endless one.
    fileprivate var whole: [UInt8] { byteCount.flatMap { bytes(0..<$0) } ?? [] }
}
