/// What a search found.
package struct SearchResults: Sendable, Hashable {
    /// As it was typed.
    package let query: String
    package let packages: [Landing.Package]
    /// Whether there are more than these.
    package let hasMore: Bool
    package let now: Int64
    package var isIncomplete = false
    /// How many of the latest packages were searched for the text inside their names; nil for all.
    package var searchedCount: Int?

    package init(query: String, packages: [Landing.Package], hasMore: Bool, now: Int64) {
        self.query = query
        self.packages = packages
        self.hasMore = hasMore
        self.now = now
    }
}

extension PageFrame {
    /// The results of a search.
    package func page(_ results: SearchResults) -> Page {
        let rows = results.packages.map { package in
            row(
                package,
                side: """
                    \(Wording.count(package.fileCount, "file", "files")), \
                    \(Wording.bytes(package.byteCount)), \
                    \(Wording.time(package.storedAt, at: results.now))
                    """)
        }
        let title = results.query.isEmpty ? "Search" : "Packages with “\(results.query)”"
        return page(
            title: "\(title) · Larder", query: results.query,
            """
            <div class="hero"><h1>\(title)</h1><p>\(summary(results))</p></div>
            \(results.isIncomplete ? Landing.incomplete : nil)
            \(rows.isEmpty ? nil : "<ul class=\"rows\">\(rows)</ul>" as HTML)
            """)
    }

    private func summary(_ results: SearchResults) -> String {
        if results.query.isEmpty {
            return "Type a part of a package's name; all ecosystems are searched."
        }
        let count = results.packages.count
        if results.hasMore { return "The first \(count); a longer name finds fewer." }
        if let searched = results.searchedCount {
            return "\(Wording.count(count, "package", "packages")) found: of all, what begins with "
                + "it, and what has it inside of the \(Wording.count(searched)) that came last."
        }
        if results.packages.isEmpty {
            return "Nothing of that name is stored here. It comes in with the first install that "
                + "asks for it."
        }
        return "\(Wording.count(count, "package is", "packages are")) stored."
    }
}
