package import Ecosystems
internal import HTTPModel

/// A token that a realm gave.
package struct RegistryToken: Sendable, Hashable {
    /// Goes behind `Bearer `: printable ASCII without spaces.
    package let text: String
    /// For how long it holds; a minute when the realm does not say.
    package let seconds: Int

    /// Reads a realm's answer.
    package init(_ bytes: [UInt8]) throws(DocumentFault) {
        var reader = DocumentReader(bytes)
        var token: String?
        var seconds = 60
        try reader.enterObject()
        while let key = try reader.nextKey() {
            switch (key.string(in: bytes), try reader.kind()) {
            case ("token", .string): token = try reader.string().string(in: bytes)
            case ("access_token", .string):
                let text = try reader.string().string(in: bytes)
                token = token ?? text
            case ("expires_in", .number):
                let text = String(decoding: bytes[try reader.value()], as: UTF8.self)
                if let number = Int(text) { seconds = min(max(number, 0), 86_400) }
            default: _ = try reader.value()
            }
        }
        guard let token, (1...16_384).contains(token.utf8.count),
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw DocumentFault("the realm's answer has no token") }
        text = token
        self.seconds = seconds
    }
}
