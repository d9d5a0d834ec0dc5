/// In which order what is stored goes when there is too much of it.
package enum EvictionOrder {
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// Made from a document, and made anew in a moment.
        case rendering
        /// A file, which has to be fetched again.
        case artifact
        /// Small, and what names the files; without it an outage leaves clients with nothing.
        case document
    }

    /// A rendering that nobody used for so long goes before anything else, in seconds.
    package static let idleRenderingSeconds: Int64 = 86_400
    /// A document that nobody used for so long is worth no more than a file, in seconds.
    package static let idleDocumentSeconds: Int64 = 90 * 86_400

    /// The kind that goes next; nil when nothing is left.
    ///
    /// Takes when the one of each kind that was used longest ago was used last, in seconds since
    /// 1970; a kind of which nothing is left is missing.
    package static func next(_ oldest: [Kind: Int64], at now: Int64) -> Kind? {
        if let use = oldest[.rendering], now - use >= idleRenderingSeconds { return .rendering }
        if let document = oldest[.document], now - document >= idleDocumentSeconds,
            oldest[.artifact].map({ document < $0 }) ?? true
        {
            return .document
        }
        return [.artifact, .rendering, .document].first { oldest[$0] != nil }
    }
}
