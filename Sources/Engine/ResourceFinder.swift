internal import Ecosystems
internal import HTTPModel
package import Resources

/// Says what a path of our URL space names, by the mounts and adapters that answer requests.
package struct ResourceFinder: Sendable {
    /// What is stored under one path.
    package struct Found: Sendable, Hashable {
        package let key: CacheKey
        package let resource: Resource
        /// The upstream's label.
        package let upstream: String
        /// The documents that an upstream has to be asked for to know this anew: itself, or those
        /// that it is made of.
        package let asked: [Asked]
    }

    /// A document, and the label of the upstream that has it.
    package struct Asked: Sendable, Hashable {
        package let key: CacheKey
        package let upstream: String
    }

    package enum Finding: Sendable, Hashable {
        case found(Found)
        /// Nothing that could be stored has this path; a sentence says what there is instead.
        case nothing(String)
    }

    private let mounts: [Mount]
    private let base: PublicBaseRule

    package init(mounts: [Mount], base: PublicBaseRule) {
        self.mounts = mounts.longestFirst
        self.base = base
    }

    /// What is stored of the mounts with these labels, or with listed hosts of them.
    package func identities(of upstreams: Set<String>) -> [UpstreamIdentity] {
        mounts.filter { mount in
            upstreams.contains { $0.prefix { $0 != " " } == mount.upstreamLabel ?? "" }
        }.map(\.adapter.identity)
    }

    /// The labels of all upstreams, each once, in their order.
    package var upstreams: [String] { Set(mounts.compactMap(\.upstreamLabel)).sorted() }

    /// Finds what a GET of this path would be about.
    ///
    /// - Parameter text: As in a request, or without its first slash, or a URL of this server;
    ///   redirects are followed, as to the usual spelling of a name.
    /// - Returns: What it is, or why there is no such thing.
    package func find(_ text: String) -> Finding {
        var path = text.hasPrefix("/") ? text : "/\(text)"
        if text.contains("://"), let url = AbsoluteURL(text) { path = base.withoutPrefix(url.path) }
        for _ in 0..<Self.redirectLimit {
            switch look(at: path) {
            case .found(let found): return .found(found)
            case .nothing(let reason): return .nothing(reason)
            case .redirect(let location):
                guard let url = AbsoluteURL("http://localhost\(path)")?.resolving(location) else {
                    return .nothing("that is no path")
                }
                path = base.withoutPrefix(url.path)
            }
        }
        return .nothing("that path leads nowhere")
    }

    private static let redirectLimit = 4

    private enum Look {
        case found(Found)
        case nothing(String)
        case redirect(String)
    }

    private func look(at path: String) -> Look {
        guard let target = try? RequestTarget(Array(path.utf8)) else {
            return .nothing("that is no path")
        }
        guard let mount = mounts.first(where: { $0.holds(target) }) else {
            return .nothing("larder has no such path")
        }
        var head = RequestHead(method: .get, target: target)
        head.host = "localhost"
        switch mount.adapter.route(head, base: base.base(of: head)) {
        case .document(let name, _, _):
            return found(.document(name), mount)
        case .artifact(let name, _, _):
            return found(.artifact(name), mount)
        case .redirect(let location, _): return .redirect(location)
        case .refused(let refusal): return .nothing(refusal.reason)
        case .here, .forward: return .nothing("nothing is stored for that path")
        }
    }

    private func found(_ resource: Resource, _ mount: Mount) -> Look {
        let key = CacheKey(resource, of: mount.adapter.identity)
        let members = mount.merging?.members(ofDocument: resource.name).map { member in
            Asked(
                key: CacheKey(.document(member.document), of: member.upstream),
                upstream: member.upstream.name)
        }
        return .found(
            Found(
                key: key, resource: resource, upstream: mount.label,
                asked: members ?? [Asked(key: key, upstream: mount.label)]))
    }

    /// A path under which this is found; nil when no mount has it, or none under such a path.
    package func path(of key: CacheKey) -> String? {
        for mount in mounts {
            guard let resource = key.resource(of: mount.adapter.identity) else { continue }
            let path = "/" + (mount.path + [resource.name]).joined(separator: "/")
            for path in [path, path + "/"] {
                if case .found(let found) = look(at: path), found.key == key { return path }
            }
        }
        return nil
    }
}
