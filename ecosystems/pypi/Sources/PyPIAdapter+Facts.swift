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
        let page = try page(document)
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
