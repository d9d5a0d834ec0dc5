package import Ecosystems
package import HTTPModel

extension PyPIAdapter {
    package func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let segments = head.target.segments
        guard head.method == .get || head.method == .head else {
            return .refused(
                RouteRefusal(status: 405, reason: "This index is read-only: use GET or HEAD."))
        }
        guard segments.count > mount.count, zip(segments, mount).allSatisfy({ $0.text == $1 })
        else { return .unknownPath }
        guard segments.allSatisfy({ !$0.hasEncodedSlash }) else {
            return .refused(
                RouteRefusal(status: 400, reason: "A path segment holds an encoded slash."))
        }
        let path = segments[mount.count...].map(\.text)
        switch path[0] {
        case "simple" where path.count == 1: return projectList(head)
        case "simple" where path.count == 2: return page(of: path[1], head, base())
        case "pypi" where path.count > 1: return projectJSON(path.dropFirst(), head.target, base())
        case "integrity" where path.count > 1: return provenance(path.dropFirst(), head.target)
        case "packages" where path.count > 1 && !head.target.hasTrailingSlash:
            return file(in: "packages/", path.dropFirst())
        case "files" where path.count > 2 && !head.target.hasTrailingSlash:
            guard map.serves(host: path[1].asciiLowercased) else {
                return .refused(
                    RouteRefusal(
                        status: 404,
                        reason: "Files of this host are not served here; see the setting hosts."))
            }
            return file(in: "files/", [path[1].asciiLowercased] + path.dropFirst(2))
        default: return .unknownPath
        }
    }

    /// Why a project that another index owns is not here.
    func refusal(of project: ProjectName) -> RouteRefusal? {
        elsewhere.owner(of: project.normalized).map {
            RouteRefusal(
                status: 404,
                reason: "This name belongs to another index here: see pypi/\($0)/simple/.",
                discreetReason: "This name belongs to another index here.")
        }
    }

    private func projectList(_ head: RequestHead) -> Route {
        guard head.target.hasTrailingSlash else {
            return .redirect(to: "simple/" + head.target.queryText, .permanent)
        }
        return document(DocumentName.projectList, head)
    }

    private func page(of name: String, _ head: RequestHead, _ base: PublicBase?) -> Route {
        guard let project = ProjectName(name) else {
            return .invalidName
        }
        if let refusal = refusal(of: project) { return .refused(refusal) }
        let normal = project.normalized + "/" + head.target.queryText
        guard head.target.hasTrailingSlash else { return .redirect(to: normal, .permanent) }
        guard project.normalized == name else { return .redirect(to: "../" + normal, .permanent) }
        return withProvenance(document(DocumentName.page(of: project), head), base)
    }

    /// A document of the simple API in the form that the client wants.
    private func document(_ name: String, _ head: RequestHead) -> Route {
        let form: SimpleForm
        switch SimpleForm.requested(in: head.target.query) {
        case .notGiven: form = SimpleForm.negotiated(head.accept)
        case .form(let requested): form = requested
        case .unknown:
            return .refused(
                RouteRefusal(
                    status: 406, reason: "The query's format names no form that is served."))
        }
        return .document(name: name, variant: form.variant)
    }

    /// A file, or the metadata or signature beside one; its name says whose page names it.
    private func file(in folder: String, _ path: some Collection<String>) -> Route {
        var name = Array((Array(path).last ?? "").utf8)[...]
        for sibling in [".metadata", ".asc"]
        where name.reversed().starts(with: sibling.utf8.reversed()) {
            name = name.dropLast(sibling.utf8.count)
            break
        }
        guard let file = DistributionFileName(name), let project = ProjectName(bytes: file.project)
        else {
            return .refused(
                RouteRefusal(status: 404, reason: "That is not the name of a distribution file."))
        }
        if let refusal = refusal(of: project) { return .refused(refusal) }
        return .artifact(
            name: folder + FileMap.canonical(path), namedBy: DocumentName.page(of: project))
    }
}

extension Route {
    static let unknownPath = Route.refused(
        RouteRefusal(
            status: 404, reason: "There is no such path in this index; projects are at simple/."))

    static let invalidName = Route.refused(
        RouteRefusal(status: 404, reason: "That is not a valid name of a project."))
}

extension RequestTarget {
    /// The query with its question mark, or nothing.
    var queryText: String { query.map { "?" + $0 } ?? "" }
}
