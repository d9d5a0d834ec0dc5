import HTTPModel

extension OriginConnection {
    private static let bodyLimit = 16 << 20

    /// Reads a request's body; what follows it stays in `pending`.
    ///
    /// - Returns: None when the peer left within it, or it is too long or ill-framed.
    func readBody(_ headers: Headers, _ pending: inout [UInt8]) -> [UInt8]? {
        if headers["transfer-encoding"]?.lowercased() == "chunked" { return readChunks(&pending) }
        guard let field = headers["content-length"] else { return [] }
        guard let count = Int(field), (0...Self.bodyLimit).contains(count) else { return nil }
        return read(count, &pending)
    }

    private func readChunks(_ pending: inout [UInt8]) -> [UInt8]? {
        var body: [UInt8] = []
        while let line = readLine(&pending) {
            let size = Int(line.prefix { $0 != ";" }, radix: 16)
            guard let size, (0...Self.bodyLimit - body.count).contains(size) else { return nil }
            guard size > 0 else { return skipTrailer(&pending) ? body : nil }
            guard let chunk = read(size, &pending), readLine(&pending) == "" else { return nil }
            body += chunk
        }
        return nil
    }

    private func skipTrailer(_ pending: inout [UInt8]) -> Bool {
        while let line = readLine(&pending) {
            if line.isEmpty { return true }
        }
        return false
    }

    private func readLine(_ pending: inout [UInt8]) -> String? {
        while true {
            if let end = pending.firstRange(of: [0x0D, 0x0A]) {
                let line = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
                pending.removeSubrange(..<end.upperBound)
                return line
            }
            guard pending.count < Self.bodyLimit, readMore(&pending) else { return nil }
        }
    }

    private func read(_ count: Int, _ pending: inout [UInt8]) -> [UInt8]? {
        while pending.count < count {
            guard readMore(&pending) else { return nil }
        }
        let bytes = Array(pending.prefix(count))
        pending.removeFirst(count)
        return bytes
    }

    private func readMore(_ pending: inout [UInt8]) -> Bool {
        let bytes = socket.read()
        pending += bytes
        return !bytes.isEmpty
    }
}
