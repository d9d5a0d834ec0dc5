/// What is stored of one package.
package struct PackageContents: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        package let version: String?
        package let name: String
        package let byteCount: Int
        /// SHA-256, in hexadecimal.
        package let digest: String
        /// In seconds since 1970, as the next one.
        package let fetchedAt: Int64
        package let usedAt: Int64
        /// The upstream's label and URL; the label is nil where it is not configured any more.
        package let upstream: String?
        package let location: String
        /// Since when the upstream does not have it any more.
        package var withdrawnAt: Int64?
        /// What the policy says of it; nil where there is none.
        package var verdict: String?

        package init(
            version: String?, name: String, byteCount: Int, digest: String, fetchedAt: Int64,
            usedAt: Int64, upstream: String?, location: String
        ) {
            self.version = version
            self.name = name
            self.byteCount = byteCount
            self.digest = digest
            self.fetchedAt = fetchedAt
            self.usedAt = usedAt
            self.upstream = upstream
            self.location = location
        }
    }

    package let name: PackageName
    /// Newest first.
    package let files: [File]
    package let hasMore: Bool
    package let now: Int64
    package var isIncomplete = false

    package init(name: PackageName, files: [File], hasMore: Bool, now: Int64) {
        self.name = name
        self.files = files
        self.hasMore = hasMore
        self.now = now
    }
}

extension PageFrame {
    /// The page of a package; 404 where nothing of it is stored.
    package func page(_ contents: PackageContents) -> Page {
        let name = contents.name
        let items = contents.files.map { item($0, at: contents.now) }
        let isKnown = !contents.files.isEmpty
        let content: HTML = """
            <div class="hero"><p class="eyebrow"><span class="tag">\(name.ecosystemName)</span></p>
            <h1><bdi>\(name.name)</bdi></h1><p>\(summary(contents))</p></div>
            \(contents.isIncomplete ? Landing.incomplete : nil)
            \(isKnown ? section(items) : nil)
            """
        let status = isKnown ? 200 : contents.isIncomplete ? 503 : 404
        return page(title: "\(name.name) · Larder", status: status, content)
    }

    private func section(_ items: [HTML]) -> HTML {
        """
        <section aria-labelledby="files"><h2 id="files">Stored files</h2>
        <ul class="rows">
        \(items)</ul></section>
        """
    }

    private func summary(_ contents: PackageContents) -> String {
        let files = contents.files
        guard !files.isEmpty else {
            return contents.isIncomplete
                ? "What is stored of it cannot be told just now."
                : "Nothing of it is stored here. It comes in with the first install that asks for it."
        }
        let versions = Set(files.compactMap(\.version)).count
        let bytes = Wording.bytes(files.reduce(0) { $0 + $1.byteCount })
        if contents.hasMore { return "The newest \(files.count) files, \(bytes)." }
        return "\(Wording.count(files.count, "file", "files")) of "
            + "\(Wording.count(versions, "version", "versions")), \(bytes)."
    }

    private func item(_ file: PackageContents.File, at now: Int64) -> HTML {
        let withdrawn: HTML? = file.withdrawnAt.map {
            "<span class=\"pill bad\">Gone upstream since \(Wording.moment($0))</span>"
        }
        let source: HTML =
            file.upstream.map { "<bdi>\($0)</bdi>" } ?? "an upstream that is no longer configured"
        return """
            <li class="file"><h3><bdi>\(file.version ?? "No version in its name")</bdi> \
            <code><bdi>\(file.name)</bdi></code>\(withdrawn)</h3>
            <dl>
            <div><dt>Size</dt><dd>\(Wording.bytes(file.byteCount))</dd></div>
            <div><dt>Fetched</dt><dd>\(Wording.moment(file.fetchedAt))</dd></div>
            <div><dt>Last used</dt><dd>\(Wording.time(file.usedAt, at: now))</dd></div>
            <div><dt>From</dt><dd>\(source)</dd></div>
            <div><dt>Policy</dt><dd>\(file.verdict ?? "No policy is set")</dd></div>
            <div class="whole"><dt>Upstream</dt><dd><code>\(file.location)</code></dd></div>
            <div class="whole"><dt>SHA-256</dt><dd><code>\(file.digest)</code></dd></div>
            </dl></li>

            """
    }
}
