internal import HTTPModel

/// What of a response's Cache-Control this cache reads (RFC 9111 section 5.2.2).
package struct CacheControl: Sendable, Hashable {
    package var maxAgeSeconds: Int64?
    package var sharedMaxAgeSeconds: Int64?
    /// `no-store`, `no-cache` or `private`: the upstream names no lifetime that we could use.
    package var forbidsReuse = false
    /// `must-revalidate` or `proxy-revalidate`: once stale, it may not be used without asking.
    package var mustRevalidate = false
    /// For how long a stale one may be used while it is validated (RFC 5861 section 3).
    package var staleWhileRevalidateSeconds: Int64?

    package init() {}

    /// Reads a field; unknown directives are skipped, a damaged number counts as zero, so that it
    /// makes a response stale and never immortal.
    package init(_ text: String) {
        for part in text.split(separator: ",") {
            let directive = String(part).trimmingWhitespace
            let pieces = directive.split(separator: "=", maxSplits: 1)
            guard let name = pieces.first else { continue }
            let argument = pieces.count > 1 ? pieces[1] : ""
            switch String(name).asciiLowercased {
            case "max-age": maxAgeSeconds = Self.seconds(argument)
            case "s-maxage": sharedMaxAgeSeconds = Self.seconds(argument)
            case "no-store", "no-cache", "private": forbidsReuse = true
            case "must-revalidate", "proxy-revalidate": mustRevalidate = true
            case "stale-while-revalidate": staleWhileRevalidateSeconds = Self.seconds(argument)
            default: break
            }
        }
    }

    private static func seconds(_ text: Substring) -> Int64 {
        let digits = text.utf8.first == 0x22 ? text.dropFirst().dropLast() : text
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return 0
        }
        // RFC 9111 section 1.2.2: what does not fit is 2^31 or more.
        return min(Int64(digits) ?? 1 << 31, 1 << 31)
    }
}
