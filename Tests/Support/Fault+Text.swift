/// Faults as words, for programs: `blackhole`, `status=503`, `cut=1000`, `drip=1/100`.
extension Fault {
    /// Reads a fault; nil for a word that is none.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard let word = parts.first else { return nil }
        let found = parts.count == 1 ? Self.simple[word] : Self.valued(word, parts[1])
        guard let found else { return nil }
        self = found
    }

    /// Every word, with what follows it.
    package static let words =
        simple.keys.sorted() + [
            "cut=BYTES", "close=BYTES", "stall=BYTES", "drip=BYTES/MILLISECONDS",
            "declaring=MORE", "longer=BYTES", "shorter=BYTES", "status=CODE",
            "busy=CODE[/RETRY-AFTER]", "redirect=URL",
        ]

    private static let simple: [String: Fault] = [
        "refused": .refused, "unaccepted": .unaccepted, "blackhole": .blackhole, "reset": .reset,
        "endless-headers": .endlessHeaders, "wrong-protocol": .wrongProtocol,
        "wrong-first-byte": .wrongFirstByte, "wrong-last-byte": .wrongLastByte,
        "other-bytes": .otherBytes, "endless-body": .endlessBody, "broken-gzip": .brokenGzip,
        "gzip-bomb": .gzipBomb, "redirect-loop": .redirectLoop,
        "not-modified": .unaskedNotModified, "partial": .unaskedPartial,
        "login-page": .loginPage, "garbage": .garbage,
    ]

    private static func valued(_ word: String, _ value: String) -> Fault? {
        if word == "redirect" { return .redirect(to: value) }
        let parts = value.split(separator: "/", maxSplits: 1).map(String.init)
        guard let first = parts.first.flatMap({ Int($0) }) else { return nil }
        let second = parts.count > 1 ? parts[1] : nil
        switch word {
        case "drip":
            guard let pause = second.flatMap({ Int($0) }), first > 0, pause >= 0 else { return nil }
            return .drip(byteCount: first, milliseconds: pause)
        case "busy": return .busy(first, retryAfter: second)
        default: return second == nil ? counted(word, first) : nil
        }
    }

    private static func counted(_ word: String, _ count: Int) -> Fault? {
        if word == "declaring" { return .declaring(more: count) }
        guard count >= 0 else { return nil }
        if let end = End(rawValue: word) { return .cut(afterByteCount: count, end) }
        switch word {
        case "longer": return .longer(by: count)
        case "shorter": return .shorter(by: count)
        case "status": return (200...599).contains(count) ? .status(count) : nil
        default: return nil
        }
    }
}
