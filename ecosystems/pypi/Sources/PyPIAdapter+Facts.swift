internal import Digests
package import Ecosystems
internal import HTTPModel
package import Resources

extension PyPIAdapter {
    /// A fact for each file that is served here, and for each sibling that the page announces.
    ///
    /// An announced sibling without a hash has a fact without digests: what a page announces must be
    /// there, since pip and uv give up without it.
    package func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact] {
        try contents(of: document).facts
    }

    /// The facts of a page, and by what its versions are told apart.
    ///
    /// The JSON API has a serial, too; provenance objects are never written anew, and have none.
    package func contents(
        of document: UpstreamDocument
    ) throws(DocumentFault) -> DocumentContents {
        let sent = document.head.fields["x-pypi-last-serial"].flatMap { Serial.number($0.utf8) }
        var summary = DocumentSummary(serial: sent)
        if let kind = ProjectDocument(name: document.name) {
            let written = try kind.check(document)
            summary.serial = kind == .json ? written ?? sent : nil
            return DocumentContents(facts: [], summary: summary)
        }
        guard document.name != DocumentName.projectList else {
            let found = try list(document).check()
            summary.entryCount = found.count
            summary.serial = found.serial ?? sent
            return DocumentContents(facts: [], summary: summary)
        }
        let page = try presentPage(document)
        summary.entryCount = page.files.count
        summary.serial = page.serial ?? sent
        summary.isTakedown = page.isQuarantined
        return DocumentContents(facts: try facts(of: page), summary: summary)
    }

    private func facts(of page: ProjectPage) throws(DocumentFault) -> [FileFact] {
        var facts: [FileFact] = []
        facts.reserveCapacity(page.files.count)
        for file in page.files {
            guard let prefix = file.place.artifactPrefix,
                let url = map.url(of: file, in: page)
            else { continue }
            let name = prefix + page.text(file.link)
            facts.append(try fact(file, of: page, name: name, url: url))
            switch file.metadata {
            case .notAnnounced: break
            case .announced: facts.append(sibling(".metadata", name, url, []))
            case .hashed(let hash):
                let digest = page.digest(hash)
                facts.append(sibling(".metadata", name, url, digest.map { [$0] } ?? []))
            }
            if case .signed = file.signature { facts.append(sibling(".asc", name, url, [])) }
        }
        return facts
    }

    /// The page, or ``DocumentFault/absent`` for one without files where that means absent.
    private func presentPage(_ document: UpstreamDocument) throws(DocumentFault) -> ProjectPage {
        guard upstream.empty == .absent else { return try page(document) }
        do throws(DocumentFault) {
            let page = try page(document)
            guard page.files.isEmpty, !page.isQuarantined else { return page }
        } catch {
            guard isEmptyListing(document) else { throw error }
        }
        throw .absent
    }

    /// Whether this is a short page with the usual title, and no form to log in.
    private func isEmptyListing(_ document: UpstreamDocument) -> Bool {
        guard document.bytes.count <= 4_096 else { return false }
        let text = String(decoding: document.bytes, as: UTF8.self).asciiLowercased
        return text.contains("links for ") && !text.contains("<form")
    }

    private func fact(
        _ file: ProjectFile, of page: ProjectPage, name: String, url: AbsoluteURL
    ) throws(DocumentFault) -> FileFact {
        let filename = DistributionFileName(page.bytes[file.filename])
        let uploadTime = file.uploadTime.map { page.bytes[$0] }
        return FileFact(
            artifact: name, url: url, digests: try page.digests(of: file),
            byteCount: file.size.flatMap { Int(page.text($0)) },
            version: filename.map { String(decoding: $0.version, as: UTF8.self) },
            publishedAt: uploadTime.flatMap(UploadTime.secondsSince1970))
    }

    private func sibling(
        _ suffix: String, _ name: String, _ url: AbsoluteURL, _ digests: [Digest]
    ) -> FileFact {
        FileFact(artifact: name + suffix, url: url.appendingToPath(suffix), digests: digests)
    }
}

extension ProjectPage {
    /// Whether the index says that the project may be malware (PEP 792): it then offers no files.
    var isQuarantined: Bool { status.map { text($0) == "quarantined" } ?? false }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    func digest(_ hash: ProjectFile.Hash) -> Digest? {
        Digest(algorithm: hash.algorithm, hex: text(hash.hex))
    }

    /// Every digest of a file whose algorithm we know.
    func digests(of file: ProjectFile) throws(DocumentFault) -> [Digest] {
        guard case .json(let source) = file.origin, let hashes = source.hashes, !hashes.isEmpty
        else { return file.hash.flatMap(digest).map { [$0] } ?? [] }
        var digests: [Digest] = []
        var reader = DocumentReader(bytes, at: hashes.lowerBound)
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard let algorithm = DigestAlgorithm(rawValue: key.string(in: bytes)),
                try reader.kind() == .string
            else {
                _ = try reader.value()
                continue
            }
            let hex = try reader.string().string(in: bytes)
            if let digest = Digest(algorithm: algorithm, hex: hex) { digests.append(digest) }
        }
        return digests
    }
}

extension AbsoluteURL {
    fileprivate func appendingToPath(_ suffix: String) -> AbsoluteURL {
        guard let query else { return appending(plainPath: suffix) }
        return AbsoluteURL("\(scheme.rawValue)://\(authority)\(path)\(suffix)?\(query)") ?? self
    }
}
