package import Resources

/// All that the first page shows.
package struct Landing: Sendable, Hashable {
    /// How an upstream is now, and was.
    package struct Upstream: Sendable, Hashable {
        package enum State: Sendable, Hashable {
            case answers
            /// Since a second since 1970.
            case fails(since: Int64, servedCount: Int)
            case isCutOff
        }

        package let label: String
        package let state: State
        package let outages: [OutageStrip.Span]

        package init(label: String, state: State, outages: [OutageStrip.Span]) {
            self.label = label
            self.state = state
            self.outages = outages
        }
    }

    package struct Package: Sendable, Hashable {
        package let name: PackageName
        package let version: String?
        package let fileCount: Int
        package let byteCount: Int
        /// In seconds since 1970.
        package let storedAt: Int64

        package init(
            name: PackageName, version: String?, fileCount: Int, byteCount: Int, storedAt: Int64
        ) {
            self.name = name
            self.version = version
            self.fileCount = fileCount
            self.byteCount = byteCount
            self.storedAt = storedAt
        }
    }

    package var now: Int64
    package var upstreams: [Upstream] = []
    /// Oldest first.
    package var hours: [HourlyTraffic] = []
    package var packageCount = 0
    /// Whether there are more than ``packageCount``.
    package var hasMorePackages = false
    package var responseCount = 0
    package var byteCount = 0
    package var newest: [Package] = []
    package var largest: [Package] = []
    /// Paths of documents whose newer version is held back, and how many there are in all.
    package var heldBack: [String] = []
    package var heldBackCount = 0
    /// What the policy is, in a sentence; nil where there is none.
    package var policy: String?
    /// What could not be asked for just now.
    package var isIncomplete = false

    package init(now: Int64) {
        self.now = now
    }
}

extension PageFrame {
    /// The first page.
    package func page(_ landing: Landing) -> Page {
        page(
            title: "Larder",
            """
            \(landing.hero)
            \(landing.isIncomplete ? Landing.incomplete : nil)
            \(LandingFigures(landing).html)
            \(setup)
            \(landing.health)
            \(stored(landing))
            \(landing.keeping)
            """)
    }

    private var setup: HTML {
        let cards = Setup.all(base ?? "http://SERVER").map(\.html)
        let notice: HTML? =
            base == nil
            ? """
            <p class="notice">Put this server's address where SERVER stands. Its own name may not \
            appear here until it is in the setting <code>allowed_hosts</code>, or \
            <code>public_url</code> is set.</p>
            """ : nil
        return """
            <section aria-labelledby="setup"><h2 id="setup">Point a client here</h2>
            <p>Copy and run. Lock files and projects stay as they are.</p>
            \(notice)<div class="setups">
            \(cards)</div></section>
            """
    }

    private func stored(_ landing: Landing) -> HTML {
        guard !landing.newest.isEmpty else {
            return """
                <section aria-labelledby="newest"><h2 id="newest">What is stored</h2>
                <p class="empty">Nothing yet. The first install through this server fills it.</p>
                </section>
                """
        }
        let newest = landing.newest.map { package in
            row(package, side: Wording.time(package.storedAt, at: landing.now))
        }
        let largest = landing.largest.map { package in
            row(
                package,
                side: "\(Wording.bytes(package.byteCount)) in \(files(package.fileCount))")
        }
        return """
            <div class="pair">
            <section aria-labelledby="newest"><h2 id="newest">Newest packages</h2>
            <ul class="rows">\(newest)</ul></section>
            <section aria-labelledby="largest"><h2 id="largest">Largest packages</h2>
            <ul class="rows">\(largest)</ul></section>
            </div>
            """
    }

    private func files(_ count: Int) -> HTML { "\(Wording.count(count, "file", "files"))" }

    func row(_ package: Landing.Package, side: HTML) -> HTML {
        let version: HTML? = package.version.map {
            "<span class=\"version\"><bdi>\($0)</bdi></span>"
        }
        return """
            <li class="package"><span class="name">\(link(to: package.name))\(version)\
            <span class="tag">\(package.name.ecosystemName)</span></span>\
            <span class="side">\(side)</span></li>

            """
    }
}
