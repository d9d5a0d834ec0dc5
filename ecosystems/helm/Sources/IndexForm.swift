package import Ecosystems
internal import HTTPModel

/// How an index is written: compact JSON under the name `index.yaml`, or YAML on request.
///
/// Clients read the JSON four to eight times faster, and it escapes Helm's strictness about YAML.
package enum IndexForm: String, Sendable, Hashable, CaseIterable {
    case json, yaml

    package var variant: Variant { Variant(rawValue) }

    package init?(_ variant: Variant) {
        self.init(rawValue: variant.name)
    }

    /// What `format=` in a query asks for; nil for a form that there is not.
    init?(query: String?) {
        let prefix = "format="
        let wanted = query?.split(separator: "&").first { $0.hasPrefix(prefix) }
        guard let wanted else {
            self = .json
            return
        }
        self.init(rawValue: String(wanted.dropFirst(prefix.count)))
    }

    package var contentType: String {
        switch self {
        case .json: "application/json"
        case .yaml: "application/yaml"
        }
    }
}
