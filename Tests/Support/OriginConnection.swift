import Foundation
import HTTPModel
import Synchronization

/// One connection of the stub, on its own thread.
struct OriginConnection {
    private static let step = 64 << 10

    let socket: LoopbackSocket
    private let number: Int
    private let core: OriginCore

    init(_ socket: LoopbackSocket, number: Int, core: OriginCore) {
        self.socket = socket
        self.number = number
        self.core = core
    }

    /// Answers requests until one of both sides ends the connection.
    func serve() {
        var pending: [UInt8] = []
        while let (method, target, headers) = readHead(&pending),
            let body = readBody(headers, &pending)
        {
            let (request, earlier) = core.ledger.record(
                method, target, headers, body: body, connection: number)
            guard perform(core.answer(request, earlier: earlier), for: request),
                headers["connection"]?.lowercased() != "close"
            else { return }
        }
    }

    /// Reads a request's head; what follows it stays in `pending`.
    private func readHead(
        _ pending: inout [UInt8]
    ) -> (method: String, target: String, headers: Headers)? {
        let end = Array("\r\n\r\n".utf8)
        while pending.firstRange(of: end) == nil {
            let bytes = socket.read()
            guard !bytes.isEmpty, pending.count < 1 << 20 else { return nil }
            pending += bytes
        }
        guard let range = pending.firstRange(of: end) else { return nil }
        let text = String(decoding: pending[..<range.lowerBound], as: UTF8.self)
        pending.removeSubrange(..<range.upperBound)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers = Headers()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = String(line[line.index(after: colon)...]).trimmingWhitespace
            headers.append(String(line[..<colon]), String(value))
        }
        return (String(words[0]), String(words[1]), headers)
    }

    /// Answers one request; false when the connection is of no further use.
    private func perform(_ answer: OriginAnswer, for request: OriginRequest) -> Bool {
        answer.gate?.block()
        core.line.withLock { $0 }?.waitForAnswer()
        switch answer.conduct {
        case .answer:
            return send(answer.isConditional ? conditioned(answer, request) : answer, request)
        case .blackhole:
            waitForPeer()
        case .reset:
            socket.resetOnClose()
        case .endlessHeaders:
            let filler = Array("X-Filler: \(String(repeating: "a", count: 200))\r\n".utf8)
            guard socket.write("HTTP/1.1 200 OK\r\n") else { return false }
            while socket.write(filler) { core.ledger.sent(filler.count, of: request.path) }
        case .raw(let bytes):
            _ = socket.write(bytes)
            socket.shutDown()
        }
        return false
    }

    private func send(_ answer: OriginAnswer, _ request: OriginRequest) -> Bool {
        let (status, count) = answer.informational
        for _ in 0..<count {
            guard socket.write("HTTP/1.1 \(status) Soon\r\nX-Early: yes\r\n\r\n") else {
                return false
            }
        }
        guard socket.write(head(of: answer)) else { return false }
        if request.method == "HEAD" || answer.status == 304 || answer.status == 204 { return true }
        return sendBody(of: answer, request)
    }

    private func head(of answer: OriginAnswer) -> String {
        var version = "HTTP/1.1"
        var framing: [String] = []
        switch answer.framing {
        case .length:
            if let count = answer.body.byteCount, answer.status != 304 {
                framing = ["Content-Length: \(count)"]
            }
        case .declared(let count): framing = ["Content-Length: \(count)"]
        case .chunked, .chunkedWithoutEnd: framing = ["Transfer-Encoding: chunked"]
        case .close: version = "HTTP/1.0"
        }
        let fields = answer.fields.map { "\($0.name): \($0.value)" }
        let lines = ["\(version) \(answer.status) Stub"] + framing + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private func sendBody(of answer: OriginAnswer, _ request: OriginRequest) -> Bool {
        let count = answer.body.byteCount ?? Int.max
        var position = 0
        var cut = answer.cut
        while position < count {
            var end = min(count, position + (answer.pace?.byteCount ?? Self.step))
            if let cut, cut.afterByteCount > position { end = min(end, cut.afterByteCount) }
            if let due = cut, due.afterByteCount <= position {
                guard goesOn(after: due) else { return false }
                cut = nil
            }
            core.line.withLock { $0 }?.carry(end - position)
            guard let bytes = answer.body.bytes(position..<end),
                write(bytes, answer.framing)
            else { return false }
            core.ledger.sent(bytes.count, of: request.path)
            position = end
            if let pace = answer.pace {
                Thread.sleep(forTimeInterval: Double(pace.milliseconds) / 1_000)
            }
        }
        return finish(answer, cut)
    }

    private func finish(_ answer: OriginAnswer, _ cut: OriginAnswer.Cut?) -> Bool {
        if let cut, !goesOn(after: cut) { return false }
        switch answer.framing {
        case .length: return true
        case .chunked: return socket.write("0\r\n\r\n")
        case .declared, .chunkedWithoutEnd, .close:
            socket.shutDown()
            return false
        }
    }

    private func write(_ bytes: [UInt8], _ framing: OriginAnswer.Framing) -> Bool {
        switch framing {
        case .chunked, .chunkedWithoutEnd:
            let size = String(bytes.count, radix: 16)
            return socket.write(Array("\(size)\r\n".utf8) + bytes + Array("\r\n".utf8))
        case .length, .declared, .close:
            return socket.write(bytes)
        }
    }

    private func goesOn(after cut: OriginAnswer.Cut) -> Bool {
        switch cut.kind {
        case .gate(let gate):
            gate.block()
            return true
        case .reset: socket.resetOnClose()
        case .close: socket.shutDown()
        case .stall: waitForPeer()
        }
        return false
    }

    /// Waits until the peer, or the stub's stopping, ends the connection.
    private func waitForPeer() {
        while !socket.read().isEmpty {}
    }

    /// The answer with If-None-Match and Range taken into account.
    private func conditioned(_ answer: OriginAnswer, _ request: OriginRequest) -> OriginAnswer {
        let tag = answer.fields.first { $0.name == "ETag" }.flatMap { EntityTag($0.value) }
        if let tag, let condition = request.headers["if-none-match"],
            EntityTagList(condition).contains(tag)
        {
            return answer.with(\.status, 304).with(\.body, .bytes([]))
        }
        if let ifRange = request.headers["if-range"], EntityTag(ifRange) != tag { return answer }
        guard let count = answer.body.byteCount,
            let range = request.headers["range"].flatMap({ ByteRange($0) })
        else { return answer }
        switch range.resolved(in: count) {
        case .part(let part):
            let bytes = answer.body.bytes(part) ?? []
            let field = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(count)"
            return answer.with(\.status, 206).with(\.body, .bytes(bytes))
                .with(\.fields, answer.fields + [("Content-Range", field)])
        case .unsatisfiable:
            return answer.with(\.status, 416).with(\.body, .bytes([]))
                .with(\.fields, answer.fields + [("Content-Range", "bytes */\(count)")])
        }
    }
}

extension OriginAnswer.Body {
    /// Its length; nil for an endless one.
    var byteCount: Int? {
        switch self {
        case .bytes(let bytes): bytes.count
        case .pattern(let pattern): pattern.byteCount
        case .file(let path):
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        case .endless: nil
        }
    }

    func bytes(_ range: Range<Int>) -> [UInt8]? {
        switch self {
        case .bytes(let bytes): return Array(bytes[range])
        case .pattern(let pattern): return pattern.bytes(range)
        case .endless: return [UInt8](repeating: 0, count: range.count)
        case .file(let path):
            guard let file = FileHandle(forReadingAtPath: path) else { return nil }
            defer { try? file.close() }
            try? file.seek(toOffset: UInt64(range.lowerBound))
            return (try? file.read(upToCount: range.count)).map { Array($0) }
        }
    }
}
