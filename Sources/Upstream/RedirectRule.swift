package import Backends
package import HTTPModel

/// What a response means for the request that may follow it (rule U1 of the reliability study).
package enum RedirectRule: Sendable, Hashable {
    /// The response is the answer.
    case final
    case follow(AbsoluteURL)
    /// It points where no fetch may go.
    case refused

    /// The most redirects in a row.
    package static let limit = 5

    /// Judges one response.
    ///
    /// Only 301, 302, 303, 307 and 308 with a Location are redirects; 304 and 305 never are
    /// (RFC 9110 section 15.4). A GET keeps its method with all five, a POST with 307 and 308.
    ///
    /// - Parameters:
    ///   - head: The response.
    ///   - url: Where it came from; relative references are resolved against it.
    ///   - followed: How many redirects this fetch has followed already.
    ///   - policy: Says which hosts are allowed.
    ///   - hasContent: Whether the request is a POST.
    package init(
        _ head: ResponseHead, from url: AbsoluteURL, followed: Int, policy: UpstreamPolicy,
        hasContent: Bool = false
    ) {
        guard [301, 302, 303, 307, 308].contains(head.status) else {
            self = .final
            return
        }
        let locations = head.headers.fields.filter { $0.name == "location" }.map(\.value)
        guard let location = locations.first else {
            self = .final
            return
        }
        // AbsoluteURL knows neither user information nor other schemes.
        guard Set(locations).count == 1, followed < Self.limit,
            let target = url.resolving(location),
            !(url.scheme == .https && target.scheme == .http), policy.admits(target),
            !hasContent || head.status == 307 || head.status == 308
        else {
            self = .refused
            return
        }
        self = .follow(target)
    }
}
