internal import HTTPModel

/// A numeric address and a port to listen on, as `127.0.0.1:8080` or `[::1]:8080`.
///
/// Names other than `localhost` are refused: which address a name means may change, and a server
/// that listens elsewhere after a restart is a surprise.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address without brackets.
    package let host: String
    /// 0 lets the system choose.
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
            let port = UInt16(digits)
        else { return nil }
        let host = text[..<colon]
        if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
            let inner = host.dropFirst().dropLast()
            guard isIPv6Address(inner) else { return nil }
            self.init(host: String(inner), port: port)
        } else if host == "localhost" {
            self.init(host: "127.0.0.1", port: port)
        } else {
            guard isIPv4Address(host) else { return nil }
            self.init(host: String(host), port: port)
        }
    }

    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// RFC 3986 section 3.2.2: four decimal octets without leading zeros.
func isIPv4Address(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            part.utf8.allSatisfy(isDigit) && UInt8(part) != nil
                && (part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"))
        }
}

/// RFC 4291 section 2.2, all three forms; zone identifiers are refused.
func isIPv6Address(_ text: Substring) -> Bool {
    guard let gap = text.firstRange(of: "::") else { return groupCount(text) == 8 }
    let head = text[..<gap.lowerBound]
    let tail = text[gap.upperBound...]
    guard let before = head.isEmpty ? 0 : groupCount(head, mayEndInIPv4: false),
        let after = tail.isEmpty ? 0 : groupCount(tail)
    else { return false }
    return before + after <= 7
}

/// How many 16-bit groups `text` has, an IPv4 address at its end counting as two.
private func groupCount(_ text: Substring, mayEndInIPv4: Bool = true) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var count = 0
    for (index, part) in parts.enumerated() {
        if mayEndInIPv4, index == parts.count - 1, isIPv4Address(part) {
            count += 2
            continue
        }
        guard (1...4).contains(part.utf8.count),
            part.utf8.allSatisfy({ PercentEncoding.hexValue($0) != nil })
        else {
            return nil
        }
        count += 1
    }
    return count
}
