import Ecosystems

/// A way to read a text through ``JSONStream``, and all that can be seen on it.
enum StreamWalk: CaseIterable {
    /// Every token.
    case tokens
    /// Every key of the outermost object, whose values are skipped.
    case values
    /// Keys down to the third level; arrays are left as soon as they are entered.
    case levels
    /// Some keys of every object: those of the first two levels that are not wanted are not seen.
    case watching
    /// Nothing: the text is one value that is skipped.
    case skipping

    struct Trace: Equatable {
        var events: [String] = []
        var isGood = false
    }

    private static let wanted: Set = ["versions", "1.0.1", "a", "b", "dist", "n"]

    func trace(of pieces: [[UInt8]]) -> Trace {
        var trace = Trace()
        var stream = JSONStream()
        if self == .skipping { stream.skipValue() }
        do throws(JSONFault) {
            // The bytes of the value that is skipped or of the string that is read.
            var value: [UInt8] = []
            for piece in pieces where !piece.isEmpty {
                try walk(&stream, piece, &value, &trace)
            }
            try stream.finish()
            trace.isGood = true
        } catch {
            trace.events.append("\(error)")
        }
        return trace
    }

    private func walk(
        _ stream: inout JSONStream, _ piece: [UInt8], _ value: inout [UInt8], _ trace: inout Trace
    ) throws(JSONFault) {
        while true {
            let token = try stream.next(piece)
            switch token {
            case .pieceEnd:
                value += piece[min(stream.start, piece.count)...]
                return
            case .objectStart where self == .watching && stream.depth < 3:
                stream.watchKeys(JSONKeyFilter(Self.wanted))
                trace.events.append("object \(stream.depth)")
            case .key where self == .watching:
                let key = stream.text.string(in: stream.bytes(of: piece))
                guard Self.wanted.contains(key) else {
                    // Others may be given as well, more of them where the text is cut.
                    stream.passValue()
                    continue
                }
                trace.events.append("key \(key)")
            case .key:
                trace.events.append("key \(stream.text.string(in: stream.bytes(of: piece)))")
                if self == .values || (self == .levels && stream.depth > 2) { stream.skipValue() }
            case .string:
                let text = stream.text.string(in: stream.bytes(of: piece))
                value += piece[stream.start..<stream.position]
                trace.events.append("string \(text) \(String(decoding: value, as: UTF8.self))")
            case .arrayStart:
                trace.events.append("array \(stream.depth)")
                if self == .levels { stream.skipRest() }
            case .skipped:
                value += piece[stream.start..<stream.position]
                // The rest of a container begins where its first token ends, or anywhere behind.
                let shown = self == .levels ? "" : String(decoding: value, as: UTF8.self)
                trace.events.append("skipped \(stream.depth) \(shown)")
            case .objectStart, .objectEnd, .arrayEnd:
                trace.events.append("\(token) \(stream.depth)")
            default:
                trace.events.append("\(token) \(stream.depth) \(stream.firstByte)")
            }
            value = []
        }
    }
}
