package import HTTPModel

/// Scheme, authority and path prefix of this server as clients reach it: `http://127.0.0.1:8080`.
///
/// Without a slash at its end and without the path of any mount, which adapters append.
package struct PublicBase: Sendable, Hashable {
    package let text: String

    /// The base that a URL is, without its query.
    package init(_ url: AbsoluteURL) {
        var path = url.path[...]
        while path.last == "/" { path = path.dropLast() }
        text = "\(url.scheme.rawValue)://\(url.authority)\(path)"
    }

    /// The base of parts that were checked: no slash at the end of `prefix`, which may be empty.
    package init(scheme: AbsoluteURL.Scheme, authority: String, prefix: String) {
        text = "\(scheme.rawValue)://\(authority)\(prefix)"
    }
}
