package import Ecosystems
internal import HTTPModel

/// A form in which the simple API is served, and how a client asks for it.
///
/// The order of the cases is the order of preference among equals, which is PyPI's.
package enum SimpleForm: String, Sendable, Hashable, CaseIterable {
    case textHTML = "text-html"
    case html = "v1-html"
    case json = "v1-json"

    package var variant: Variant { Variant(rawValue) }

    package init?(_ variant: Variant) {
        self.init(rawValue: variant.name)
    }

    /// The Content-Type of an answer: always the real version, always lower case.
    package var contentType: String {
        switch self {
        case .textHTML: "text/html; charset=utf-8"
        case .html: "application/vnd.pypi.simple.v1+html; charset=utf-8"
        case .json: "application/vnd.pypi.simple.v1+json"
        }
    }

    /// The form for an Accept field; `text/html` when nothing fits, as PyPI answers.
    ///
    /// Source: RFC 9110 section 12.5.1, simple repository API "Version + Format Selection".
    package static func negotiated(_ accept: String?) -> SimpleForm {
        guard let accept else { return .textHTML }
        let list = QualityList(accept)
        var best = SimpleForm.textHTML
        var bestQuality = 0
        for form in allCases {
            let quality = form.quality(in: list)
            if quality > bestQuality { (best, bestQuality) = (form, quality) }
        }
        return best
    }

    /// The form that a query's `format` names, which beats Accept.
    package enum Requested: Sendable, Hashable {
        case notGiven
        case form(SimpleForm)
        /// Something that we do not serve: a 406.
        case unknown
    }

    /// Reads `format` from a query; a `+` may have become a space on the way.
    package static func requested(in query: String?) -> Requested {
        guard let query else { return .notGiven }
        for field in query.split(separator: "&", maxSplits: 64) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "format" else { continue }
            guard let decoded = PercentEncoding.decoded(parts[1].utf8) else { return .unknown }
            let name = String(decoding: decoded.map { $0 == 0x20 ? 0x2B : $0 }, as: UTF8.self)
                .asciiLowercased
            return allCases.first { $0.names.contains(name) }.map(Requested.form) ?? .unknown
        }
        return .notGiven
    }

    private var names: [String] {
        switch self {
        case .textHTML: ["text/html"]
        case .html:
            ["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"]
        case .json:
            ["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"]
        }
    }

    private var family: String { self == .textHTML ? "text/*" : "application/*" }

    /// The quality of the most specific range that covers this form; 0 when none does.
    private func quality(in list: QualityList) -> Int {
        let exact = names.compactMap(list.quality(of:)).max()
        return exact ?? list.quality(of: family) ?? list.quality(of: "*/*") ?? 0
    }
}
