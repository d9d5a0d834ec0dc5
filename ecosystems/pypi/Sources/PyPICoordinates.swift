package import Resources

/// What a stored file's name says of its project and version.
package enum PyPICoordinates {
    /// Of a wheel, an archive, or what lies beside one; nil for what is no distribution.
    package static func read(_ artifact: String) -> PackageCoordinates? {
        var name = artifact.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        for sibling in [".metadata", ".asc"]
        where name.reversed().starts(with: sibling.utf8.reversed()) {
            name.removeLast(sibling.utf8.count)
            break
        }
        guard let file = DistributionFileName(name[...]),
            let project = ProjectName(bytes: file.project)
        else { return nil }
        return PackageCoordinates(
            name: project.normalized, version: String(decoding: file.version, as: UTF8.self))
    }
}
