internal import Digests

/// An error as a browser shows it: what failed, where, and what to do next.
///
/// It stands alone, with its style in it, so that it needs nothing of a server that may have no room.
package struct ErrorPage: Sendable, Hashable {
    /// Who has to do with it.
    package enum Place: String, Sendable, Hashable, CaseIterable {
        case client, cache, upstream

        var name: String {
            switch self {
            case .client: "The request"
            case .cache: "This cache"
            case .upstream: "The upstream"
            }
        }
    }

    private let status: Int
    private let sentence: String
    private let place: Place
    private let advice: String

    /// `sentence` is what failed, as other clients get it; `advice` what to do next.
    package init(_ status: Int, _ sentence: String, at place: Place, advice: String) {
        self.status = status
        self.sentence = sentence
        self.place = place
        self.advice = advice
    }

    package var page: Page {
        let places = Place.allCases.map { other -> HTML in
            other == place
                ? "<li class=\"here\" aria-current=\"true\">\(other.name)</li>"
                : "<li>\(other.name)</li>"
        }
        let html: HTML = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(status) · Larder</title>
            <link rel="icon" href="data:,">
            <style>\(Self.style)</style></head>
            <body><main>
            <p class="status">\(status)</p>
            <h1>\(headline)</h1>
            <p>\(capitalised(sentence))</p>
            <h2>Where it failed</h2>
            <ol>\(places)</ol>
            <h2>What to do next</h2>
            <p>\(advice)</p>
            </main></body></html>

            """
        return Page(
            status: status, fields: Page.fields(policy: Self.policy), bytes: html.bytes)
    }

    private var headline: String {
        switch (place, status) {
        case (_, 404): "There is nothing here."
        case (.upstream, 403): "The upstream does not let this cache in."
        case (.upstream, 502): "The upstream sent what cannot be served."
        case (.upstream, _): "The upstream does not answer, and nothing is stored."
        case (.cache, _): "This cache cannot answer just now."
        case (.client, 405): "That cannot be done here."
        case (.client, _): "That request cannot be answered."
        }
    }

    private func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    private static let policy: String = {
        let digest = base64(BlobDigest.of(Array(style.text.utf8)).bytes)
        return "default-src 'none'; style-src 'sha256-\(digest)'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }()

    /// RFC 4648 section 4, of whole and broken groups of three.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...3 {
                text.append(
                    index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let style: HTML = """
        :root{color-scheme:light dark;--paper:#faf8f3;--ink:#1f1d19;--soft:#5d574c;--line:#e3ddd0;\
        --bad:#b3382c;--bad-soft:#f8e3de}\
        @media(prefers-color-scheme:dark){:root{--paper:#131411;--ink:#ecebe3;--soft:#aeab9e;\
        --line:#30322b;--bad:#ef8a7d;--bad-soft:#43211c}}\
        body{margin:0;min-height:100vh;display:grid;align-items:center;background:var(--paper);\
        color:var(--ink);font:400 1.0625rem/1.55 Inter,ui-sans-serif,system-ui,-apple-system,\
        "Segoe UI",Roboto,sans-serif}\
        main{width:min(100% - 2.5rem,40rem);margin:3rem auto}\
        h1{font-size:clamp(1.75rem,1.3rem + 2vw,2.5rem);line-height:1.12;letter-spacing:-.03em;\
        margin:.25rem 0 1rem;text-wrap:balance}\
        h2{font-size:.875rem;font-weight:600;color:var(--soft);margin:2rem 0 .5rem}\
        p{margin:0;overflow-wrap:anywhere}.status{color:var(--bad);font-weight:600}\
        ol{display:flex;flex-wrap:wrap;gap:.5rem 0;margin:0;padding:0;list-style:none}\
        li{padding:.25rem .75rem;border:1px solid var(--line);border-radius:99px;\
        color:var(--soft);font-size:.9375rem}\
        li+li{margin-left:1.5rem;position:relative}\
        li+li::before{content:"";position:absolute;right:100%;top:50%;width:1.5rem;\
        border-top:1px solid var(--line)}\
        @media(max-width:32rem){ol{flex-direction:column;align-items:flex-start;gap:1rem}\
        li+li{margin-left:0}li+li::before{right:auto;left:1.5rem;top:-1rem;width:0;height:1rem;\
        margin-top:-1px;border-top:0;border-left:1px solid var(--line)}}\
        li.here{color:var(--bad);background:var(--bad-soft);border-color:var(--bad);font-weight:600}
        """
}
