internal import Ecosystems

/// A key of a packument that means something here, by where it stands.
enum PackumentMember: UInt8, Sendable {
    // Of the document.
    case name, versions, time, distTags, modified
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
enum PackumentPlace: Sendable {
    case document, versions, version, dist, times, tags, scripts, elsewhere

    /// What a key of this object is.
    func member(_ key: JSONText, in bytes: [UInt8]) -> PackumentMember {
        guard !key.hasEscapes else {
            let decoded = key.decoded(in: bytes)
            return member(JSONText(range: 0..<decoded.count, hasEscapes: false), in: decoded)
        }
        switch self {
        case .versions: return .version
        case .tags: return .tag
        case .times: return key.equals("modified", in: bytes) ? .timeModified : .timeEntry
        case .elsewhere: return .other
        case .document:
            return Self.documentKeys.first { key.equals($0.name, in: bytes) }?.member ?? .other
        case .dist:
            return Self.distKeys.first { key.equals($0.name, in: bytes) }?.member ?? .other
        case .scripts:
            return Self.scriptKeys.contains { key.equals($0, in: bytes) } ? .installScript : .other
        case .version:
            return Self.versionMember(key, in: bytes)
        }
    }

    private static let documentKeys: [(name: String, member: PackumentMember)] = [
        ("name", .name), ("versions", .versions), ("time", .time), ("dist-tags", .distTags),
        ("modified", .modified),
    ]
    private static let distKeys: [(name: String, member: PackumentMember)] = [
        ("tarball", .tarball), ("integrity", .integrity), ("shasum", .shasum),
    ]
    private static let scriptKeys = ["preinstall", "install", "postinstall"]

    /// A version's keys by their lengths: there are many of them.
    private static func versionMember(_ key: JSONText, in bytes: [UInt8]) -> PackumentMember {
        let member: PackumentMember
        let name: String
        switch (key.range.count, bytes[key.range.lowerBound]) {
        case (2, _): (name, member) = ("os", .kept)
        case (3, UInt8(ascii: "b")): (name, member) = ("bin", .kept)
        case (3, _): (name, member) = ("cpu", .kept)
        case (4, UInt8(ascii: "d")): (name, member) = ("dist", .dist)
        case (4, UInt8(ascii: "n")): (name, member) = ("name", .versionName)
        case (4, _): (name, member) = ("libc", .kept)
        case (7, UInt8(ascii: "v")): (name, member) = ("version", .versionNumber)
        case (7, UInt8(ascii: "s")): (name, member) = ("scripts", .scripts)
        case (7, UInt8(ascii: "e")): (name, member) = ("engines", .kept)
        case (7, _): (name, member) = ("funding", .kept)
        case (10, _): (name, member) = ("deprecated", .kept)
        case (11, _): (name, member) = ("directories", .kept)
        case (12, _): (name, member) = ("dependencies", .kept)
        case (14, _): (name, member) = ("_hasShrinkwrap", .kept)
        case (15, _): (name, member) = ("devDependencies", .kept)
        case (16, UInt8(ascii: "h")): (name, member) = ("hasInstallScript", .hasInstallScript)
        case (16, _): (name, member) = ("peerDependencies", .kept)
        case (18, UInt8(ascii: "a")): (name, member) = ("acceptDependencies", .kept)
        case (18, _): (name, member) = ("bundleDependencies", .kept)
        case (19, _): (name, member) = ("bundledDependencies", .kept)
        case (20, UInt8(ascii: "o")): (name, member) = ("optionalDependencies", .kept)
        case (20, _): (name, member) = ("peerDependenciesMeta", .kept)
        default: return .other
        }
        return key.equals(name, in: bytes) ? member : .other
    }
}
