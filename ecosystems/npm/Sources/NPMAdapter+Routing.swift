package import Ecosystems
package import HTTPModel

extension NPMAdapter {
    package func claims(_ target: RequestTarget, at path: [String]) -> Bool {
        guard target.lies(below: path), path.isEmpty == servesRoot else { return false }
        // Nothing but a scope's own packages is asked for there, which needs a closer look.
        guard servesRoot || !upstream.scopes.isEmpty else { return true }
        guard !servesRoot || target.segments.contains(where: { $0.text == "-" }) else {
            return false
        }
        let request = request(target, below: path)
        guard let package = request.package, upstream.serves(package) else { return false }
        guard servesRoot else { return true }
        switch request {
        case .tarball, .attestations: return true
        default: return false
        }
    }

    package func route(_ head: RequestHead, base: @autoclosure () -> PublicBase?) -> Route {
        let request = request(head.target, below: servesRoot ? [] : mount)
        if let package = request.package, !upstream.serves(package) { return .elsewhere }
        let isStorable = !Self.precedesWrite(head.target.query)
        switch request {
        case .registry, .ping: return .here(.emptyObject)
        case .packument(let package):
            let form = PackumentVariant.negotiated(head.accept)
            return document(.packument(package), form, base(), isStorable: isStorable)
        case .manifest(let package, let wanted):
            return document(
                .packument(package), .manifest(wanted), base(), isStorable: isStorable)
        case .distTags(let package):
            return .document(
                name: package.text, variant: Variant(PackumentVariant.distTags.name),
                isStorable: isStorable)
        case .tarball(let package, let file):
            let version = TarballName.version(in: file, of: package)
            let hint = version.map { DocumentName.manifest(package, version: $0).text }
            return .artifact(
                name: "\(package.text)/-/\(file)", namedBy: package.text, hint: hint)
        case .keys: return service(.keys)
        case .attestations(let package, let version):
            return service(.attestations(package, version: version))
        case .search: return search(head.target.query)
        case .audit(let audit): return forward(audit)
        case .account: return .noAccounts
        case .publishing: return .readOnly
        case .invalidName: return .invalidName(head.target)
        case .invalidVersion, .unknown: return .notFound
        }
    }

    private func request(_ target: RequestTarget, below path: [String]) -> NPMRequest {
        NPMRequest(target.segments[path.count...], mount: mount.last ?? "")
    }

    private func document(
        _ name: DocumentName, _ form: PackumentVariant, _ base: PublicBase?, isStorable: Bool
    ) -> Route {
        guard let base else { return .refused(.unknownHost) }
        return .document(
            name: name.text, variant: Variant(form.name, base: base), isStorable: isStorable)
    }

    private func service(_ name: DocumentName) -> Route {
        .document(name: name.text, variant: Variant(PackumentVariant.unchanged.name))
    }

    /// A search; one for the packages of another upstream's scope finds nothing here.
    private func search(_ query: String?) -> Route {
        guard let query = SearchQuery(query) else { return .noSearchText }
        guard !query.names(upstream.elsewhere) else { return .here(.nothingFound) }
        return service(.search(query.text))
    }

    private func forward(_ audit: NPMRequest.Audit) -> Route {
        guard upstream.audits else { return .noAudits }
        return .forward(
            ForwardOrigin(
                url: upstream.url("-/npm/v1/security/\(audit.rawValue)"),
                isRead: !upstream.elsewhere.isEmpty))
    }

    /// Whether npm reads before it writes, and must not read an old answer: `?write=true`.
    private static func precedesWrite(_ query: String?) -> Bool {
        query?.split(separator: "&").contains("write=true") ?? false
    }
}

extension HereResponse {
    fileprivate static let emptyObject = HereResponse(
        contentType: PackumentVariant.fullType, body: Array("{}".utf8))
    fileprivate static let nothingFound = HereResponse(
        contentType: PackumentVariant.fullType, body: Array(#"{"objects":[],"total":0}"#.utf8))
}

extension Route {
    fileprivate static let notFound = refused(404, "Not found")

    fileprivate static let elsewhere = refused(
        404, "The packages of this scope are not served by this upstream.")

    fileprivate static let noAccounts = refused(
        401, "There are no accounts here; credentials for upstreams are configured on the server.")

    fileprivate static let readOnly = refused(
        405, "This registry is read-only: publish to the upstream itself.")

    fileprivate static let noSearchText = refused(
        400, "A search needs a text of at most \(SearchQuery.textLimit) characters.")

    fileprivate static let noAudits = Route.refused(
        RouteRefusal(
            status: 404, reason: "Audits are switched off here; see the setting npm.audit.",
            isForAllMethods: true))

    /// 400 where something is still encoded after one decoding, which no name is.
    fileprivate static func invalidName(_ target: RequestTarget) -> Route {
        let isEncoded = target.segments.contains { $0.text.utf8.contains(UInt8(ascii: "%")) }
        return refused(isEncoded ? 400 : 404, "That is not a valid name of a package.")
    }

    private static func refused(_ status: Int, _ reason: String) -> Route {
        .refused(RouteRefusal(status: status, reason: reason))
    }
}
