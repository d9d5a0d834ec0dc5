internal import HTTPModel

/// A host with or without a port, as in a URL's authority or a Host field; in lower case.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16?

    package init?(_ text: String) {
        var host = text[...]
        var port: UInt16?
        let bracket = text.lastIndex(of: "]")
        if let colon = text.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy(isDigit), let number = UInt16(digits) else { return nil }
            port = number
            host = text[..<colon]
        }
        guard Self.isHost(host) else { return nil }
        self.host = String(host).asciiLowercased
        self.port = port
    }

    package var description: String { port.map { "\(host):\($0)" } ?? host }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return host.hasSuffix("]") && isIPv6Address(host.dropFirst().dropLast())
        }
        guard (1...253).contains(host.utf8.count) else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { byte in
                    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }
}
