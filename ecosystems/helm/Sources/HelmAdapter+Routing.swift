package import Ecosystems
package import HTTPModel

extension HelmAdapter {
    package func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let target = head.target
        guard head.method == .get || head.method == .head else {
            return .readOnly
        }
        guard target.lies(below: mount) else { return .unknownPath }
        let path = target.segments[mount.count...]
        guard !path.isEmpty else { return .here(page(base())) }
        guard path.allSatisfy({ !$0.hasEncodedSlash }) else {
            return .refused(
                RouteRefusal(status: 400, reason: "A path segment holds an encoded slash."))
        }
        guard !target.hasTrailingSlash else { return .unknownPath }
        if path.count == 1, path.first?.text == Self.index {
            return IndexForm.route(Self.index, target.query)
        }
        let name = ChartPath.canonical(path.map(\.text))
        let archive =
            name.hasSuffix(ChartPath.provenance)
            ? name.dropLast(ChartPath.provenance.utf8.count) : name[...]
        guard ChartPath.isArchive(archive) else { return .unknownPath }
        return .artifact(name: name, namedBy: Self.index)
    }

    /// A short page: some clients look whether the repository's own URL is there.
    private func page(_ base: PublicBase?) -> HereResponse {
        let text = """
            A Helm chart repository, kept here by Larder. Add it with:

                helm repo add \(name) \(mount.url(base))

            Its index is index.yaml; index.yaml?format=yaml is the same as YAML.

            """
        return HereResponse(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

extension IndexForm {
    /// What a request for an index asks for.
    static func route(_ name: String, _ query: String?) -> Route {
        guard let form = IndexForm(query: query) else {
            return .refused(
                RouteRefusal(
                    status: 406, reason: "The query's format names no form: json and yaml are."))
        }
        return .document(name: name, variant: form.variant)
    }
}

extension Route {
    static let readOnly = Route.refused(
        RouteRefusal(status: 405, reason: "This repository is read-only: use GET or HEAD."))
    static let unknownPath = Route.refused(
        RouteRefusal(
            status: 404,
            reason: "There is no such path in this repository; its charts are in index.yaml."))
}
