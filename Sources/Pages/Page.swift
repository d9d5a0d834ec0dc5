/// A page, ready to be sent.
package struct Page: Sendable, Hashable {
    package let status: Int
    /// Complete header lines, each ending in CRLF; Vary, Cache-Control and `nosniff` are up to the
    /// sender, whose other answers have them too.
    package let fields: String
    package let bytes: [UInt8]

    /// Nothing but our own style sheet, icon and form: no script, no frame, nothing from elsewhere.
    package static let policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    static func fields(policy: String) -> String {
        "Content-Type: text/html; charset=utf-8\r\nContent-Security-Policy: \(policy)\r\n"
            + "Referrer-Policy: no-referrer\r\n"
    }
}

/// What is the same on all pages.
package struct PageFrame: Sendable, Hashable {
    /// Where this server is for the client, without a slash at its end; nil where the request's
    /// host may not appear in our URLs.
    package let base: String?
    package let version: String

    package init(base: String?, version: String) {
        self.base = base
        self.version = version
    }

    /// The path before our own ones, as `/cache`, or nothing.
    var root: String {
        guard let base, let slash = base.firstRange(of: "://")?.upperBound,
            let path = base[slash...].firstIndex(of: "/")
        else { return "" }
        return String(base[path...])
    }

    func page(title: String, query: String = "", status: Int = 200, _ content: HTML) -> Page {
        let html: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <link rel="stylesheet" href="\(root)\(Stylesheet.path)">
            <link rel="icon" type="image/svg+xml" href="\(root)\(Icon.path)">
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header class="top"><div class="wide">
            <a class="mark" href="\(root)/">\(Icon.inline)<span>Larder</span></a>
            \(searchForm(query))
            </div></header>
            <main id="content" class="wide" tabindex="-1">
            \(content)
            </main>
            <footer class="wide">
            <p>Larder \(version), a pull-through cache for package registries.</p>
            <nav aria-label="Of this server"><a href="\(root)/healthz">Health</a>
            <a href="\(root)/readyz">Readiness</a> <a href="\(root)/metrics">Metrics</a></nav>
            </footer>
            </body>
            </html>

            """
        return Page(status: status, fields: Page.fields(policy: Page.policy), bytes: html.bytes)
    }

    private func searchForm(_ query: String) -> HTML {
        """
        <form class="search" role="search" action="\(root)\(OwnPaths.search)" method="get">
        <label class="hidden" for="q">Search stored packages</label>
        <input id="q" name="q" type="search" value="\(query)" maxlength="\(OwnPaths.queryLimit)" \
        placeholder="Search stored packages" autocomplete="off" spellcheck="false" \
        autocapitalize="none">
        <button type="submit">Search</button>
        </form>
        """
    }

    func link(to package: PackageName) -> HTML {
        """
        <a href="\(root)\(OwnPaths.path(of: package))"><bdi>\(package.name)</bdi></a>
        """
    }
}

/// An ecosystem and a package of it.
package struct PackageName: Sendable, Hashable {
    package let ecosystem: String
    package let name: String

    package init(ecosystem: String, name: String) {
        self.ecosystem = ecosystem
        self.name = name
    }

    var ecosystemName: String {
        switch ecosystem {
        case "pypi": "PyPI"
        case "npm": "npm"
        case "helm": "Helm"
        default: ecosystem
        }
    }
}
