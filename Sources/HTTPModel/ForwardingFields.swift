/// What proxies say of the request that they got: `Forwarded` (RFC 7239) and `X-Forwarded-*`.
///
/// Anyone can send these fields, so they are worth something only from a peer that is trusted. Of a
/// list the last member counts, since that is what the peer itself has added.
package struct ForwardingFields: Sendable, Hashable {
    package var forwarded: String?
    package var host: String?
    package var scheme: String?
    package var prefix: String?
    /// The whole of `X-Forwarded-For`.
    package var client: String?

    package init() {}

    /// The host that the nearest proxy was asked for, unchecked.
    package var nearestHost: String? {
        host.flatMap(Self.lastMember) ?? forwarded.flatMap { Self.parameter("host", of: $0) }
    }

    /// The scheme that the nearest proxy was asked with, in lower case and unchecked.
    package var nearestScheme: String? {
        let text =
            scheme.flatMap(Self.lastMember) ?? forwarded.flatMap { Self.parameter("proto", of: $0) }
        return text?.asciiLowercased
    }

    /// The path that the nearest proxy took off the front, unchecked.
    package var nearestPrefix: String? { prefix.flatMap(Self.lastMember) }

    /// The addresses through which the request came, the client's first and the nearest last.
    ///
    /// Empty from the first on that is no address: nothing before it can be believed. `Forwarded`
    /// tells the nearest alone.
    package var clients: [IPAddress] {
        guard let client else {
            let nearest = forwarded.flatMap { Self.parameter("for", of: $0) }
            return nearest.flatMap(Self.address).map { [$0] } ?? []
        }
        var addresses: [IPAddress] = []
        for member in client.split(separator: ",").reversed() {
            guard let address = Self.address(String(member).trimmingWhitespace) else { break }
            addresses.append(address)
        }
        return addresses.reversed()
    }

    /// An address, perhaps with a port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
    private static func address(_ text: some StringProtocol) -> IPAddress? {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        if let address = IPAddress(text) { return address }
        return text.firstIndex(of: ":").flatMap { IPAddress(text[..<$0]) }
    }

    private static func lastMember(_ list: String) -> String? {
        list.split(separator: ",", omittingEmptySubsequences: false).last
            .map { String(String($0).trimmingWhitespace) }
    }

    /// A parameter of the last element, read from its end: only there is it sure what the peer wrote.
    ///
    /// Nil also when quotes do not match (RFC 7239 section 4).
    private static func parameter(_ name: String, of field: String) -> String? {
        var isQuoted = false
        var isEscaped = false
        var value: [UInt8] = []
        var key: [UInt8]?
        var found: [UInt8]?
        func settle() {
            if let key, String(decoding: key, as: UTF8.self).asciiLowercased == name {
                found = value
            }
            key = nil
            value = []
        }
        for byte in field.utf8 {
            switch byte {
            case _ where isEscaped:
                value.append(byte)
                isEscaped = false
            case UInt8(ascii: "\\") where isQuoted: isEscaped = true
            case UInt8(ascii: "\""): isQuoted.toggle()
            case _ where isQuoted: value.append(byte)
            case UInt8(ascii: "="):
                key = value
                value = []
            case UInt8(ascii: ";"): settle()
            case UInt8(ascii: ","):
                settle()
                found = nil
            case 0x20, 0x09: continue
            default: value.append(byte)
            }
        }
        settle()
        guard !isQuoted else { return nil }
        return found.map { String(decoding: $0, as: UTF8.self) }
    }
}
