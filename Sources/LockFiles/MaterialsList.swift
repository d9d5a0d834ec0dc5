internal import Digests

/// Software bills of materials: CycloneDX and SPDX, both as JSON.
enum MaterialsList {
    static func cycloneDX(_ list: LockValue) throws(LockFileError) -> LockedPackages {
        guard let version = list["specVersion"]?.text, version.hasPrefix("1.") else {
            throw .unknownVersion
        }
        var result = LockedPackages()
        takeComponents(list["components"], &result)
        return result
    }

    // The recursion ends at the depth that JSON may have.
    private static func takeComponents(_ components: LockValue?, _ result: inout LockedPackages) {
        for component in components?.elements ?? [] {
            takeComponents(component["components"], &result)
            guard let text = component["purl"]?.string else { continue }
            let digests = (component["hashes"]?.elements ?? [])
                .compactMap { DigestText.named($0["alg"]?.string, $0["content"]?.string) }
            add(text, digests, &result)
        }
    }

    static func spdx(_ list: LockValue) throws(LockFileError) -> LockedPackages {
        guard list["spdxVersion"]?.text?.hasPrefix("SPDX-2.") == true else { throw .unknownVersion }
        var result = LockedPackages()
        for package in list["packages"]?.elements ?? [] {
            let digests = (package["checksums"]?.elements ?? []).compactMap {
                DigestText.named($0["algorithm"]?.string, $0["checksumValue"]?.string)
            }
            for reference in package["externalRefs"]?.elements ?? []
            where reference["referenceType"]?.string == "purl" {
                guard let text = reference["referenceLocator"]?.string else { continue }
                add(text, digests, &result)
            }
        }
        return result
    }

    /// Packages of other kinds, as those of an operating system, are nobody's business here.
    private static func add(_ text: String, _ digests: [Digest], _ result: inout LockedPackages) {
        guard let package = PackageURL(text),
            let ecosystem = LockedPackage.Ecosystem(rawValue: package.type)
        else { return }
        guard let version = package.version else {
            return result.omit(package.name, "has no version")
        }
        if package.qualifiers["vcs_url"] != nil || package.qualifiers["download_url"] != nil {
            return result.omit(package.name, "comes from a URL of its own")
        }
        var locked = LockedPackage(
            ecosystem, package.name, version: version,
            source: package.qualifiers["repository_url"],
            digests: digests.filter { $0.algorithm.isCollisionResistant || ecosystem == .npm })
        if let file = package.qualifiers["file_name"] {
            locked.files = [LockedFile(name: file, digests: locked.digests)]
            locked.digests = []
        }
        result.add(locked)
    }
}
