package import Ecosystems

extension NPMAdapter {
    package func scope(ofDocument name: String) -> DocumentScope {
        switch DocumentName(name) {
        case .packument(let package), .manifest(let package, _): .package(package.text)
        case .attestations(let package, let version):
            .release(Release(package: package.text, version: version))
        case .keys, .search, nil: .nothing
        }
    }

    package func release(ofArtifact name: String, version: String?) -> ArtifactRelease {
        guard let end = name.firstRange(of: "/-/"),
            let package = PackageName(String(name[..<end.lowerBound]))
        else { return ArtifactRelease(artifact: name, package: nil, version: version) }
        let file = String(name[end.upperBound...])
        return ArtifactRelease(
            artifact: name, package: package.text,
            version: version ?? TarballName.version(in: file, of: package))
    }

    package func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument? {
        guard case .packument(let package) = DocumentName(document.name) else { return document }
        let screen = try PackumentScreen(document.bytes, package: package.text, by: judge)
        return try screen.packument().map { UpstreamDocument(document.head, bytes: $0) }
    }
}
