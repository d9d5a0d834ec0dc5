internal import Ecosystems

/// A key of a packument that means something here, by where it stands.
enum PackumentMember: UInt8, Sendable {
    // Of the document.
    case name, versions, time, distTags, modified, restrictions
    // Of `versions`, `time` and `dist-tags`: any key.
    case version, timeEntry, tag
    // Of `time`: the key `modified`.
    case timeModified
    // Of a version: those that are looked into, and those that an installation needs as they are.
    case dist, scripts, hasInstallScript, versionName, versionNumber, kept
    // Of `dist`.
    case tarball, integrity, shasum
    // Of `scripts`: what npm runs when it installs.
    case installScript

    case other

    var bit: UInt32 { 1 &<< UInt32(rawValue) }

    /// The object that the member's value is, where its keys are looked at.
    var place: PackumentPlace {
        switch self {
        case .versions: .versions
        case .time: .times
        case .distTags: .tags
        case .version: .version
        case .dist: .dist
        case .scripts: .scripts
        default: .elsewhere
        }
    }
}

/// Some members.
struct PackumentMembers: Sendable {
    private let bits: UInt32

    init(_ members: PackumentMember...) {
        bits = members.reduce(0) { $0 | $1.bit }
    }

    func contains(_ member: PackumentMember) -> Bool { bits & member.bit != 0 }
}

/// An object of a packument whose keys are looked at.
enum PackumentPlace: UInt8, Sendable, CaseIterable {
    case elsewhere, document, versions, version, dist, times, tags, scripts

    /// What the latest key of a stream, which stands in this object, is.
    func member(_ stream: JSONStream, _ piece: [UInt8]) -> PackumentMember {
        switch self {
        case .versions: return .version
        case .tags: return .tag
        case .elsewhere: return .other
        case .document, .dist, .times, .scripts, .version: break
        }
        guard !stream.text.hasEscapes else {
            return escapedMember(stream.text, stream.bytes(of: piece))
        }
        let other = self == .times ? PackumentMember.timeEntry : .other
        let count = stream.text.range.count
        for key in Self.keys where key.head == stream.head && key.tail == stream.tail {
            guard key.place == self, key.count == count else { continue }
            // Longer ones have a middle that the two words leave out.
            guard count <= 16 || stream.text.equals(key.name, in: stream.bytes(of: piece)) else {
                return other
            }
            return key.member
        }
        return other
    }

    /// The keys of this object that are among `members`, or all where any key may be.
    func filter(of members: PackumentMembers) -> JSONKeyFilter {
        switch self {
        case .versions where members.contains(.version), .tags where members.contains(.tag),
            .times where members.contains(.timeEntry):
            .all
        default:
            JSONKeyFilter(
                Self.keys.filter { $0.place == self && members.contains($0.member) }.map(\.name))
        }
    }

    private func escapedMember(_ text: JSONText, _ bytes: [UInt8]) -> PackumentMember {
        let name = text.string(in: bytes)
        let key = Self.keys.first { $0.place == self && $0.name == name }
        return key?.member ?? (self == .times ? .timeEntry : .other)
    }

    private struct Key: Sendable {
        let head: UInt64
        let tail: UInt64
        let count: Int
        let place: PackumentPlace
        let member: PackumentMember
        let name: String

        init(_ place: PackumentPlace, _ name: String, _ member: PackumentMember) {
            let bytes = Array(name.utf8)
            head = Self.word(bytes.prefix(8))
            tail = Self.word(bytes.suffix(8))
            count = bytes.count
            (self.place, self.member, self.name) = (place, member, name)
        }

        private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private static let keys: [Key] =
        [
            Key(.document, "name", .name), Key(.document, "versions", .versions),
            Key(.document, "time", .time), Key(.document, "dist-tags", .distTags),
            Key(.document, "modified", .modified),
            Key(.document, "policyRestrictions", .restrictions),
            Key(.times, "modified", .timeModified),
            Key(.dist, "tarball", .tarball), Key(.dist, "integrity", .integrity),
            Key(.dist, "shasum", .shasum), Key(.scripts, "preinstall", .installScript),
            Key(.scripts, "install", .installScript), Key(.scripts, "postinstall", .installScript),
            Key(.version, "dist", .dist), Key(.version, "scripts", .scripts),
            Key(.version, "hasInstallScript", .hasInstallScript),
            Key(.version, "name", .versionName), Key(.version, "version", .versionNumber),
        ]
        + [
            "deprecated", "dependencies", "optionalDependencies", "devDependencies",
            "bundleDependencies", "bundledDependencies", "peerDependencies", "peerDependenciesMeta",
            "acceptDependencies", "bin", "directories", "engines", "os", "cpu", "libc", "funding",
            "_hasShrinkwrap",
        ].map { Key(.version, $0, .kept) }
}
