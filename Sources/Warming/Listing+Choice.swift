internal import Digests
internal import Ecosystems
internal import HTTPModel
package import LockFiles

extension Listing {
    /// What a lock's package needs, or why there is none of it.
    package struct Choice: Sendable, Hashable {
        package var transfers: [WantedTransfer] = []
        /// By the file's name, or the package's.
        package var failures: [WarmReport.Failure] = []
    }

    /// The files that a lock wants of those that are listed.
    package func choice(for package: LockedPackage) -> Choice {
        switch package.ecosystem {
        case .pypi: package.files.isEmpty ? unnamed(package) : named(package)
        case .npm: single(package, of: files) { $0 == package.version }
        case .helm: newest(package)
        }
    }

    /// Files by their names; the digests are those of the lock.
    private func named(_ package: LockedPackage) -> Choice {
        var choice = Choice()
        let listed = Dictionary(files.map { ($0.name, $0) }) { first, _ in first }
        for file in package.files {
            guard let found = listed[file.name] else {
                choice.failures.append(.init(title: file.name, reason: "is not listed"))
                continue
            }
            choice.add(found, file.digests.isEmpty ? found.digests : file.digests)
        }
        return choice
    }

    /// Files that have a digest of the lock, or without any all of the version.
    private func unnamed(_ package: LockedPackage) -> Choice {
        let promised = Set(package.digests)
        let algorithms = Set(package.digests.map(\.algorithm))
        let canCompare = files.contains { file in
            file.digests.contains { algorithms.contains($0.algorithm) }
        }
        let chosen = files.filter { file in
            if canCompare { return file.digests.contains(where: promised.contains) }
            let version = PythonFileName.version(of: file.name, project: package.name)
            return version.map { PythonFileName.isSame($0, package.version ?? "") } == true
        }
        var choice = Choice()
        for file in chosen {
            // One digest of the lock is of this file, the others are of its neighbours.
            let own = file.digests.filter(promised.contains)
            let known = package.digests.isEmpty ? file.digests : package.digests
            choice.add(file, own.isEmpty ? known : own)
        }
        if chosen.isEmpty {
            let reason = canCompare ? "no listed file has a digest of the lock" : "is not listed"
            choice.failures.append(.init(title: package.title, reason: reason))
        }
        return choice
    }

    /// The one file of a version.
    private func single(
        _ package: LockedPackage, of files: [ListedFile], where isWanted: (String) -> Bool
    ) -> Choice {
        var choice = Choice()
        if let file = files.first(where: { $0.version.map(isWanted) == true }) {
            choice.add(file, package.digests.isEmpty ? file.digests : package.digests)
        } else {
            choice.failures.append(.init(title: package.title, reason: "is not listed"))
        }
        return choice
    }

    /// The newest chart within a range, or the one of a version.
    private func newest(_ package: LockedPackage) -> Choice {
        let wanted = package.version ?? "*"
        let own = files.filter { $0.name == package.name }
        if own.contains(where: { $0.version == wanted }) {
            return single(package, of: own) { $0 == wanted }
        }
        guard let range = VersionRange(wanted) else {
            let failure = WarmReport.Failure(
                title: package.title, reason: "this range of versions is not understood")
            return Choice(failures: [failure])
        }
        func version(_ text: String) -> SemanticVersion? { SemanticVersion(text, isPartial: true) }
        let newest = own.compactMap { $0.version.flatMap(version) }.filter(range.contains).max()
        return single(package, of: own) { newest != nil && version($0) == newest }
    }
}

extension Listing.Choice {
    /// A file, and its metadata, which clients read first.
    fileprivate mutating func add(_ file: ListedFile, _ digests: [Digest]) {
        let isNamed = file.version == nil || file.name.hasSuffix(".tgz")
        let title = isNamed ? file.name : "\(file.name) \(file.version ?? "")"
        transfers.append(
            WantedTransfer(
                title: title, url: file.url, digests: digests, byteCount: file.byteCount))
        if let metadata = file.metadata {
            transfers.append(
                WantedTransfer(
                    title: file.name + ".metadata",
                    url: file.url.appending(plainPath: ".metadata"), digests: metadata,
                    byteCount: nil))
        }
    }
}
