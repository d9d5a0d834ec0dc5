/// Which package a file belongs to, and which version of it, as far as its name tells.
package struct PackageCoordinates: Sendable, Hashable {
    /// The ecosystem's own normal form: `typing-extensions`, `@babel/core`, `ingress-nginx`.
    package let name: String
    package let version: String?

    package init(name: String, version: String?) {
        self.name = name
        self.version = version
    }

    /// Reads an artifact's name of an ecosystem; nil where it names no package's file.
    ///
    /// Pure, and cheap enough to be called for each file that is stored.
    package typealias Reader =
        @Sendable (_ ecosystem: String, _ artifact: String) -> PackageCoordinates?

    /// The name or a part of it as it is searched: in lower case, with `_` and `.` as `-`.
    package static func folded(_ text: String) -> String {
        let bytes = text.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x41...0x5A: byte | 0x20
            case UInt8(ascii: "_"), UInt8(ascii: "."): UInt8(ascii: "-")
            default: byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension CacheKey {
    /// An artifact's key in its parts; nil for that of anything else.
    package var artifactParts: (ecosystem: String, location: String, name: String)? {
        let parts = text.utf8.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard parts.count == 4, parts[0].elementsEqual("a".utf8) else { return nil }
        return (
            String(Substring(parts[1])), String(Substring(parts[2])), String(Substring(parts[3]))
        )
    }
}
