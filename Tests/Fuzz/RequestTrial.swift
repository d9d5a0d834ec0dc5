import Ecosystems
import HTTPModel
import HTTPWire

/// What holds of requests, whatever a client sends.
enum RequestTrial {
    /// What a reader makes of a message: its fault, or its head and where it ends.
    private enum Reading: Hashable {
        case fault(WireFault)
        case incomplete
        case message(ParsedHead, end: Int)
    }

    /// The first byte says where the rest is cut in two, which must not change its reading.
    static func head(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let message = Array(bytes.dropFirst())
        let cut = Int(first) * message.count / 256
        let whole = reading(of: message, cut: message.count)
        promise(reading(of: message, cut: cut) == whole, "a cut does not change the reading")
        guard case .message(let head, let end) = whole else { return }
        promise((1...message.count).contains(end), "a message ends within its bytes")
        promise(head.byteCount <= end, "a head ends within its message")
        promise(head.version == .http10 || head.request.host?.isEmpty == false, "there is a host")
        promise(head.request.target.raw.hasPrefix("/"), "a target has origin form")
    }

    private static func reading(of bytes: [UInt8], cut: Int) -> Reading {
        var (head, chunks) = (HeadReader(), ChunkedReader())
        var parsed: ParsedHead?
        var position = 0
        do throws(WireFault) {
            for end in [cut, bytes.count] {
                let known = bytes.span.extracting(0..<end)
                if parsed == nil {
                    parsed = try head.read(known)
                    position = parsed?.byteCount ?? 0
                }
                guard let parsed else { continue }
                switch parsed.framing {
                case .none: return .message(parsed, end: position)
                case .length(let count):
                    guard end - parsed.byteCount >= count else { continue }
                    return .message(parsed, end: parsed.byteCount + count)
                case .chunked:
                    position += try chunks.read(known.extracting(position..<end))
                    if chunks.isDone { return .message(parsed, end: position) }
                }
            }
        } catch {
            return .fault(error)
        }
        return .incomplete
    }

    /// A target that is accepted has clean segments, and leads to its mount's own upstream.
    static func path(_ bytes: [UInt8]) {
        guard let target = try? RequestTarget(bytes) else { return }
        for segment in target.segments {
            let text = segment.text
            promise(!["", ".", ".."].contains(text), "no segment is empty or dots")
            promise(
                !text.utf8.contains { $0 < 0x20 || $0 == 0x5C || $0 == 0x7F },
                "no segment has control characters")
        }
        var request = RequestHead(method: .get, target: target)
        request.accept = target.query
        for (mount, adapter) in Mounts.all where adapter.claims(target, at: mount) {
            let host = Mounts.hosts[mount[0]]
            switch adapter.route(request, base: Mounts.base) {
            case .document(let name, _, _):
                let origin = adapter.origin(ofDocument: name)
                promise(origin.url == nil || origin.url?.host == host, "a mount has one host")
                _ = adapter.origin(ofDocument: name)
            case .artifact(let name, let document, let hint):
                for word in [name, document, hint ?? "x"] {
                    let steps = word.split(separator: "/", omittingEmptySubsequences: false)
                    promise(!steps.contains(".."), "no name leads up")
                }
                _ = adapter.form(ofArtifact: name)
                _ = adapter.member(name)
            case .redirect(let place, _):
                promise(
                    !place.utf8.contains { $0 < 0x21 || $0 == 0x7F }, "a header is one line")
                promise(!place.hasPrefix("//"), "a redirect stays on this host")
            case .here, .forward, .refused: break
            }
        }
    }

    /// The first two bytes are a file's size; a part lies within it.
    static func range(_ bytes: [UInt8]) {
        guard bytes.count >= 2 else { return }
        let size = Int(bytes[0]) << 8 | Int(bytes[1])
        let text = String(decoding: bytes.dropFirst(2), as: UTF8.self)
        if case .part(let part) = ByteRange(text)?.resolved(in: size) {
            promise(
                !part.isEmpty && part.lowerBound >= 0 && part.upperBound <= size,
                "a part lies within its file")
        }
    }
}
