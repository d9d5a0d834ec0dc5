/// An entity tag (RFC 9110 section 8.8.3).
package struct EntityTag: Sendable, Hashable {
    package let isWeak: Bool
    /// The opaque part, without the quotes.
    package let opaque: String

    package init(strong opaque: String) {
        self.init(isWeak: false, opaque)
    }

    package init(isWeak: Bool, _ opaque: String) {
        self.isWeak = isWeak
        self.opaque = opaque
    }

    /// Reads one tag such as `"abc"` or `W/"abc"`; nil when it is not of that grammar.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text)
        let isWeak = rest.hasPrefix("W/")
        if isWeak { rest.removeFirst(2) }
        guard rest.utf8.count >= 2, rest.utf8.first == 0x22, rest.utf8.last == 0x22 else {
            return nil
        }
        // By bytes: a quote and a combining mark behind it are one Character.
        let inner = Substring(rest.utf8.dropFirst().dropLast())
        // etagc (RFC 9110 section 8.8.3): 0x21, 0x23 to 0x7E, obs-text.
        guard inner.utf8.allSatisfy({ $0 == 0x21 || (0x23...0x7E).contains($0) || $0 >= 0x80 })
        else { return nil }
        self.isWeak = isWeak
        opaque = String(inner)
    }

    /// The tag as it stands in a header.
    package var text: String { isWeak ? "W/\"\(opaque)\"" : "\"\(opaque)\"" }

    /// Weak comparison (RFC 9110 section 8.8.3.2), for If-None-Match.
    package func weaklyMatches(_ other: EntityTag) -> Bool { opaque == other.opaque }

    /// Strong comparison (RFC 9110 section 8.8.3.2), for If-Range.
    package func stronglyMatches(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && opaque == other.opaque
    }
}

/// The value of If-None-Match: any entity, or a list of tags (RFC 9110 section 13.1.2).
package enum EntityTagList: Sendable, Hashable {
    case any
    case tags([EntityTag])

    /// Reads the field; members that are not tags are skipped, at most 64 are kept.
    package init(_ text: String) {
        if text.trimmingWhitespace == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        var rest = Substring(text).utf8
        while !rest.isEmpty, tags.count < 64 {
            // A comma may stand inside the quotes, so split by quotes and not by commas.
            guard let open = rest.firstIndex(of: 0x22),
                let close = rest[rest.index(after: open)...].firstIndex(of: 0x22)
            else { break }
            let isWeak = rest[..<open].suffix(2).elementsEqual("W/".utf8)
            let quoted = Substring(rest[open...close])
            if let tag = EntityTag(isWeak ? "W/" + quoted : quoted) { tags.append(tag) }
            rest = rest[rest.index(after: close)...]
        }
        self = .tags(tags)
    }

    /// Whether the condition names this entity, by weak comparison.
    package func contains(_ tag: EntityTag) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains { $0.weaklyMatches(tag) }
        }
    }
}
