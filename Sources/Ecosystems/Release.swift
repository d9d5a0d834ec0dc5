/// A version of a package, or one file of it, as a document speaks of it.
package struct Release: Sendable, Hashable {
    /// The package's name in the ecosystem's canonical spelling.
    package let package: String
    /// Nil where nothing says it.
    package let version: String?
    /// In seconds since 1970; nil where the document says nothing that is a time.
    package let publishedAt: Int64?

    package init(package: String, version: String?, publishedAt: Int64? = nil) {
        self.package = package
        self.version = version
        self.publishedAt = publishedAt
    }
}

/// What becomes of a release in a document that is given out.
package enum ReleaseVerdict: Sendable, Hashable {
    case shown
    /// As if the upstream had never published it.
    case hidden
    /// Marked with the reason where the format has a mark that installers obey; hidden where not.
    case marked(String)
}

/// Which releases a document speaks of.
package enum DocumentScope: Sendable, Hashable {
    /// Of none: keys, search results, lists of names.
    case nothing
    /// All releases of one package.
    case package(String)
    /// One release, of which the document says no date.
    case release(Release)
    /// Many packages at once.
    case all
}

/// Which release an artifact belongs to, as far as its name tells.
package struct ArtifactRelease: Sendable, Hashable {
    /// The file of which the document says version and date: the wheel of a `.metadata`.
    package let artifact: String
    package let package: String?
    package let version: String?

    package init(artifact: String, package: String?, version: String?) {
        self.artifact = artifact
        self.package = package
        self.version = version
    }
}

/// How one ecosystem spells and orders its versions and names.
package protocol VersionScheme: Sendable {
    /// Whether the registry itself notes when a release was published, so that no publisher can
    /// say another date.
    var isDated: Bool { get }

    /// Whether a version is before another one; nil when one of them is no version.
    func isLess(_ version: String, than other: String) -> Bool?

    /// A text that two versions share exactly when they are the same one.
    func canonical(version: String) -> String

    /// The canonical spelling of a package's name, which may end in a `*` for all that begin so.
    func canonical(package: String) -> String

    /// What tells whether a version lies in a range; nil when the text is no range, and from it when
    /// the version is none that could be compared.
    ///
    /// Prereleases lie in a range where their order puts them: a rule that refuses must not be
    /// walked around with one.
    func range(_ text: String) -> (@Sendable (String) -> Bool?)?
}
