internal import HTTPModel

/// What a path below a registry's mount asks for, whatever the method.
///
/// The path is split before its parts are decoded, or `/@s%2fn/1.0.0` and `/@s/n/1.0.0` could not
/// be told from `/@s/n`.
enum NPMRequest: Sendable, Hashable {
    case registry
    case packument(PackageName)
    /// A version or a tag of a package.
    case manifest(PackageName, String)
    case tarball(PackageName, file: String)
    case distTags(PackageName)
    case attestations(PackageName, version: String)
    case keys, search, ping
    case audit(Audit)
    /// Who the client is, or what it may do: there are no accounts here.
    case account
    /// Of the publishing side.
    case publishing
    case invalidName, invalidVersion
    case unknown

    enum Audit: String, Sendable, Hashable {
        case bulk = "advisories/bulk"
        case quick = "audits/quick"
        case full = "audits"
    }

    /// The package that it is about.
    var package: PackageName? {
        switch self {
        case .packument(let package), .manifest(let package, _), .tarball(let package, _),
            .distTags(let package), .attestations(let package, _):
            package
        default: nil
        }
    }

    typealias Segments = ArraySlice<RequestTarget.Segment>

    /// - Parameters:
    ///   - path: The segments below the mount.
    ///   - mount: The mount's last segment, which some releases of npm leave out or double.
    init(_ path: Segments, mount: String) {
        var path = path
        // npm 10 with replace-registry-host=always: /npm/npm/lodash/-/lodash-4.17.21.tgz.
        if path.count >= 4, path.first?.text == mount, path.dropFirst().first?.text != "-",
            path.dropLast().last?.text == "-"
        {
            path = path.dropFirst()
        }
        guard let first = path.first else {
            self = .registry
            return
        }
        if first.text == "-" {
            self = Self.service(path.dropFirst(), mount: mount)
            return
        }
        guard let (package, rest) = Self.package(path) else {
            self = .invalidName
            return
        }
        self = Self.request(of: package, rest)
    }

    /// The package that a path begins with, and what follows it.
    private static func package(_ path: Segments) -> (PackageName, rest: Segments)? {
        guard let first = path.first else { return nil }
        guard first.text.utf8.first == UInt8(ascii: "@"), !first.hasEncodedSlash else {
            return PackageName(first.text).map { ($0, path.dropFirst()) }
        }
        guard let second = path.dropFirst().first, !second.hasEncodedSlash else { return nil }
        return PackageName("\(first.text)/\(second.text)").map { ($0, path.dropFirst(2)) }
    }

    private static func request(of package: PackageName, _ rest: Segments) -> NPMRequest {
        let parts = rest.map(\.text)
        switch parts.count {
        case 0: return .packument(package)
        case 1 where parts[0] != "-":
            return VersionName.isName(parts[0]) ? .manifest(package, parts[0]) : .invalidVersion
        case 2 where parts[0] == "-" || parts[0] == "download":
            return tarball(package, parts[1])
        // Other registries' form for scoped names: /@s/n/-/@s/n-1.0.0.tgz.
        case 3 where parts[0] == "-" && parts[1] == package.scope:
            return tarball(package, parts[2])
        default: return .unknown
        }
    }

    private static func tarball(_ package: PackageName, _ file: String) -> NPMRequest {
        let prefix = package.scope.map { "\($0)/" }
        let file =
            prefix.map { file.hasPrefix($0) ? String(file.dropFirst($0.count)) : file } ?? file
        return TarballName.isName(file) ? .tarball(package, file: file) : .unknown
    }

    // MARK: Services

    private static func service(_ path: Segments, mount: String) -> NPMRequest {
        let parts = path.map(\.text)
        switch parts.first {
        case "ping" where parts.count == 1: return .ping
        case "whoami" where parts.count == 1: return .account
        case "package" where parts.count > 1: return packageService(path.dropFirst())
        case "v1" where parts.count == 2:
            return parts[1] == "search" ? .search : parts[1] == "login" ? .publishing : .unknown
        case "npm" where parts.count > 2 && parts[1] == "v1": return npmService(path.dropFirst(2))
        case "user", "org", "team", "stage": return .publishing
        default: break
        }
        // npm packs the package `npm` from /npm/-/npm-11.0.0.tgz, having lost the mount.
        guard parts.count == 1, parts[0].hasPrefix("\(mount)-"), TarballName.isName(parts[0]),
            let package = PackageName(mount)
        else { return .unknown }
        return .tarball(package, file: parts[0])
    }

    /// `package/<name>/dist-tags`, and below it what sets a tag.
    private static func packageService(_ path: Segments) -> NPMRequest {
        guard let (package, rest) = package(path) else { return .invalidName }
        switch rest.map(\.text) {
        case ["dist-tags"]: return .distTags(package)
        case let parts where parts.first == "dist-tags" && parts.count == 2: return .publishing
        case ["access"], ["collaborators"], ["visibility"]: return .publishing
        default: return .unknown
        }
    }

    /// What lies below `npm/v1`.
    private static func npmService(_ path: Segments) -> NPMRequest {
        let parts = path.map(\.text)
        switch parts.first {
        case "keys" where parts.count == 1: return .keys
        case "user", "tokens": return .account
        case "hooks": return .publishing
        case "attestations" where parts.count == 2 || parts.count == 3:
            guard
                let (package, version) = DocumentName.split(
                    parts.dropFirst().joined(separator: "/")[...])
            else { return .invalidName }
            return .attestations(package, version: version)
        case "security":
            let audit = Audit(rawValue: parts.dropFirst().joined(separator: "/"))
            return audit.map(NPMRequest.audit) ?? .unknown
        default: return .unknown
        }
    }
}
