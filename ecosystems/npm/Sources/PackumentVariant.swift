package import Ecosystems
internal import HTTPModel

/// What is made of a packument, or of a service's document.
package enum PackumentVariant: Sendable, Hashable {
    /// All of it.
    case full
    /// What an installation needs, and the times.
    case abbreviated
    /// One version, named by itself or by a tag.
    case manifest(String)
    case distTags
    /// A document of another kind, byte for byte.
    case unchanged

    package var name: String {
        switch self {
        case .full: "full"
        case .abbreviated: "abbreviated"
        case .manifest(let wanted): "manifest:\(wanted)"
        case .distTags: "dist-tags"
        case .unchanged: "unchanged"
        }
    }

    package init?(_ variant: Variant) {
        switch variant.name {
        case "full": self = .full
        case "abbreviated": self = .abbreviated
        case "dist-tags": self = .distTags
        case "unchanged": self = .unchanged
        case let name where name.hasPrefix("manifest:"):
            self = .manifest(String(name.dropFirst("manifest:".count)))
        default: return nil
        }
    }

    package var contentType: String {
        self == .abbreviated ? Self.abbreviatedType : Self.fullType
    }

    static let abbreviatedType = "application/vnd.npm.install-v1+json"
    static let fullType = "application/json"

    /// The form of a packument for an Accept field.
    ///
    /// Abbreviated where it is named and liked at least as much as the full form, which everything
    /// else gets: nothing is answered 406. Source: RFC 9110 section 12.5.1; npm's
    /// "package-metadata" page.
    package static func negotiated(_ accept: String?) -> PackumentVariant {
        guard let accept else { return .full }
        let list = QualityList(accept)
        guard let abbreviated = list.quality(of: abbreviatedType), abbreviated > 0 else {
            return .full
        }
        let full =
            list.quality(of: fullType) ?? list.quality(of: "application/*")
            ?? list.quality(of: "*/*") ?? 0
        return abbreviated >= full ? .abbreviated : .full
    }
}
