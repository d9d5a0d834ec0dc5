package import HTTPModel

/// The index behind one mount, and which of its files we serve.
package struct PyPIUpstream: Sendable, Hashable {
    /// What a 403 of this index and its file hosts means.
    package enum Forbidden: Sendable, Hashable {
        /// That it does not let us.
        case refused
        /// That there is no such thing: object stores answer so that do not let us list.
        case absent
    }

    /// What a page without files means, which some servers send for names that they do not know.
    package enum Empty: Sendable, Hashable {
        /// That the project has no files.
        case project
        /// That there is no such project.
        case absent
    }

    /// The URL that one would give pip as index-url; ends in a slash.
    package let simple: AbsoluteURL
    /// What `packages/` below the mount stands for; ends in a slash.
    package let files: AbsoluteURL
    /// Further hosts whose files are served below `files/`: `host`, or `host:port`, in lower case.
    ///
    /// The hosts of ``simple`` and ``files`` are always among them.
    package let hosts: Set<String>
    package let forbidden: Forbidden
    package let empty: Empty

    /// Nil when a URL does not end in a slash or has a query.
    ///
    /// Without `files` it is the public file host for the public index, else `packages/` beside the
    /// last segment of `simple`.
    package init?(
        simple: AbsoluteURL, files: AbsoluteURL? = nil, hosts: [String] = [],
        forbidden: Forbidden = .refused, empty: Empty = .project
    ) {
        guard let beside = Self.files(beside: simple) else { return nil }
        let files = files ?? beside
        for url in [simple, files] {
            guard url.path.hasSuffix("/"), url.query == nil else { return nil }
        }
        self.simple = simple
        self.files = files
        self.hosts = Set(hosts.map(\.asciiLowercased) + [simple.authority, files.authority])
        self.forbidden = forbidden
        self.empty = empty
    }

    /// The public index, or nil when its constants are damaged.
    package static func publicIndex(hosts: [String] = []) -> PyPIUpstream? {
        AbsoluteURL(PyPIDefaults.simple).flatMap { PyPIUpstream(simple: $0, hosts: hosts) }
    }

    static func files(beside simple: AbsoluteURL) -> AbsoluteURL? {
        simple.description == PyPIDefaults.simple
            ? AbsoluteURL(PyPIDefaults.files) : simple.resolving("../packages/")
    }
}
