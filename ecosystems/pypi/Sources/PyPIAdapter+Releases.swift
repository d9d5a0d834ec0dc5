package import Ecosystems
internal import HTTPModel

extension PyPIAdapter {
    package func scope(ofDocument name: String) -> DocumentScope {
        if let project = DocumentName.project(in: name) { return .package(project) }
        let path = name.split(separator: "/").compactMap { PercentEncoding.decoded($0.utf8) }
            .map { String(decoding: $0, as: UTF8.self) }
        switch ProjectDocument(name: name) {
        case .json where path.count > 1: return .package(path[1])
        case .provenance where path.count > 2:
            return .release(Release(package: path[1], version: path[2]))
        case .json, .provenance, nil: return .nothing
        }
    }

    package func release(ofArtifact name: String, version: String?) -> ArtifactRelease {
        var file = name
        for sibling in [".metadata", ".asc"] where file.hasSuffix(sibling) {
            file = String(file.dropLast(sibling.utf8.count))
            break
        }
        let last = file.split(separator: "/").last ?? ""
        let text = PercentEncoding.decoded(last.utf8) ?? Array(last.utf8)
        guard let parts = DistributionFileName(text[...]),
            let project = ProjectName(bytes: parts.project)
        else { return ArtifactRelease(artifact: file, package: nil, version: version) }
        return ArtifactRelease(
            artifact: file, package: project.normalized,
            version: version ?? String(decoding: parts.version, as: UTF8.self))
    }

    package func screened(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument? {
        switch ProjectDocument(name: document.name) {
        case .json:
            guard case .package(let project) = scope(ofDocument: document.name) else {
                return document
            }
            let bytes = try withoutActuallyEscaping(judge) {
                (judge) throws(DocumentFault) -> [UInt8]? in
                try JSONAPIScreen(document.bytes, project: project, by: judge).document()
            }
            return bytes.map { UpstreamDocument(document.head, bytes: $0) }
        case .provenance: return document
        case nil: break
        }
        guard document.name != DocumentName.projectList else { return document }
        return try screenedPage(document, by: judge)
    }

    private func screenedPage(
        _ document: UpstreamDocument, by judge: (Release) -> ReleaseVerdict
    ) throws(DocumentFault) -> UpstreamDocument {
        let page = try page(document)
        let verdicts = page.files.map { judge(release(of: $0, in: page)) }
        guard verdicts.contains(where: { $0 != .shown }) else { return document }
        let screen = PageScreen(page: page, verdicts: verdicts)
        if case .json(let files, let count) = page.source {
            return UpstreamDocument(
                document.head, bytes: try screen.json(files, documentCount: count))
        }
        let head = DocumentHead(
            name: document.name, contentType: SimpleForm.json.contentType, url: document.url,
            fields: document.head.fields)
        return UpstreamDocument(head, bytes: screen.composed { map.url(of: $0, in: page) })
    }

    /// A file of a page: what is new in an old release is as young as its upload.
    private func release(of file: ProjectFile, in page: ProjectPage) -> Release {
        let name = DistributionFileName(page.bytes[file.filename])
        return Release(
            package: page.project,
            version: name.map { String(decoding: $0.version, as: UTF8.self) },
            publishedAt: file.uploadTime.flatMap { UploadTime.secondsSince1970(page.bytes[$0]) })
    }
}
