package import HTTPModel
package import LockFiles

/// The server that is asked, and which of its paths stands for which index or repository.
package struct WarmServer: Sendable {
    /// Ends in a slash.
    package let base: AbsoluteURL
    /// Further Python indexes by the URLs of their upstreams.
    package var indexes: [AbsoluteURL: String] = [:]
    /// Chart repositories by the URLs of their upstreams.
    package var repositories: [AbsoluteURL: String] = [:]

    package init(base: AbsoluteURL) {
        self.base = base.path.hasSuffix("/") ? base : base.appending(plainPath: "/")
    }

    /// The document of ours that lists a package's files; nil for a name that fits into no path.
    package func document(of package: LockedPackage) -> AbsoluteURL? {
        switch package.ecosystem {
        case .pypi:
            let index = package.source.flatMap(index(at:)).map { "\($0)/" } ?? ""
            let name = PercentEncoding.encodedSegment(package.name)
            return below("pypi/\(index)simple/\(name)/")
        case .npm: return below("npm/\(PercentEncoding.encodedSegment(package.name, keeping: "@"))")
        case .helm:
            let repository = package.source.flatMap(repository(at:)).map { "\($0)/" } ?? ""
            return below("helm/\(repository)index.yaml")
        }
    }

    /// Where a tarball of npm is, whose URL begins with what clients know of the server.
    func tarball(_ text: String) -> AbsoluteURL? {
        guard let url = AbsoluteURL(text), let start = url.path.firstRange(of: "/npm/") else {
            return nil
        }
        return below(String(url.path[start.lowerBound...].dropFirst()))
    }

    private func below(_ path: String) -> AbsoluteURL? {
        base.resolving(base.path + path).flatMap { $0.path.hasPrefix(base.path) ? $0 : nil }
    }

    /// The name of a further index, whether the lock was made with ours or with its upstream.
    private func index(at source: String) -> String? {
        guard let url = AbsoluteURL(source) else { return nil }
        let segments = url.path.split(separator: "/")
        if let mount = segments.lastIndex(of: "pypi"), mount + 2 < segments.count,
            segments[mount + 2] == "simple"
        {
            return String(segments[mount + 1])
        }
        return named(url, in: indexes)
    }

    private func repository(at source: String) -> String? {
        guard let url = AbsoluteURL(source) else { return nil }
        let segments = url.path.split(separator: "/")
        if let mount = segments.lastIndex(of: "helm"), mount == segments.count - 2,
            url.origin == base.origin || named(url, in: repositories) == nil
        {
            return String(segments[mount + 1])
        }
        return named(url, in: repositories)
    }

    /// A slash at the end makes no difference.
    private func named(_ url: AbsoluteURL, in names: [AbsoluteURL: String]) -> String? {
        func plain(_ url: AbsoluteURL) -> String {
            let text = url.description
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        return names.first { plain($0.key) == plain(url) }?.value
    }
}
