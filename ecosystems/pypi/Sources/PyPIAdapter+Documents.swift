internal import Ecosystems
internal import HTTPModel

extension PyPIAdapter {
    /// `pypi/<project>/json` and `pypi/<project>/<version>/json`, with a slash at the end or without.
    ///
    /// Its file URLs are absolute, as nobody promises that clients resolve others, so it needs a base.
    func projectJSON(
        _ path: ArraySlice<String>, _ target: RequestTarget, _ base: PublicBase?
    ) -> Route {
        guard path.last == "json", path.count == 2 || path.count == 3 else { return .unknownPath }
        let route = document(.json, below: "pypi", path, target)
        guard case .document(let name, let variant, _) = route else { return route }
        guard let base else { return .refused(.unknownHost) }
        return .document(name: name, variant: Variant(variant.name, base: base))
    }

    /// A document as clients get it; the JSON API with the URLs of `base`.
    func rendering(
        _ document: UpstreamDocument, as kind: ProjectDocument, base: PublicBase?
    ) throws(DocumentFault) -> Rendering {
        try kind.check(document)
        var bytes = document.bytes
        if kind == .json {
            guard let base else { throw DocumentFault("a document that needs a base of its URLs") }
            let prefix = "\(base.text)/\(mount.joined(separator: "/"))/"
            var rewriter = JSONAPIRewriter(document, map: map, prefix: prefix)
            bytes = try rewriter.rewritten()
        }
        return Rendering(contentType: kind.contentType, bytes: bytes)
    }

    /// `integrity/<project>/<version>/<file>/provenance`.
    func provenance(_ path: ArraySlice<String>, _ target: RequestTarget) -> Route {
        guard path.last == "provenance", path.count == 4, !target.hasTrailingSlash else {
            return .unknownPath
        }
        let file = Array(path[path.startIndex + 2].utf8)
        guard DistributionFileName(file[...]) != nil else {
            return .refused(
                RouteRefusal(status: 404, reason: "That is not the name of a distribution file."))
        }
        return document(.provenance, below: "integrity", path, target)
    }

    /// A document whose path begins with a project, which other spellings are redirected to.
    private func document(
        _ kind: ProjectDocument, below folder: String, _ path: ArraySlice<String>,
        _ target: RequestTarget
    ) -> Route {
        guard let project = path.first.flatMap({ ProjectName($0) }) else { return .invalidName }
        if let refusal = refusal(of: project) { return .refused(refusal) }
        let rest = path.dropFirst()
        if path.count > 2, !Self.isVersion(rest[rest.startIndex]) {
            return .refused(RouteRefusal(status: 404, reason: "That is not a version."))
        }
        let name = FileMap.canonical([project.normalized] + rest)
        guard project.normalized == path.first else {
            let slash = target.hasTrailingSlash ? "/" : ""
            let steps = String(repeating: "../", count: rest.count + slash.utf8.count)
            return .redirect(to: steps + name + slash + target.queryText, .permanent)
        }
        return .document(name: "\(folder)/\(name)", variant: kind.variant)
    }

    /// Whether a segment is made of what versions are made of (PEP 440, and older ones).
    private static func isVersion(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { ProjectName.isAlphanumeric($0) || "-_.!+".utf8.contains($0) }
    }
}
