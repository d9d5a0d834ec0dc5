package import Resources

/// What a stored tarball's name says of its package and version.
package enum NPMCoordinates {
    /// Of `<package>/-/<file>.tgz`; the version is nil where the file is called otherwise.
    package static func read(_ artifact: String) -> PackageCoordinates? {
        guard let separator = artifact.firstRange(of: "/-/"),
            let package = PackageName(String(artifact[..<separator.lowerBound]))
        else { return nil }
        let file = String(artifact[separator.upperBound...])
        return PackageCoordinates(
            name: package.text, version: TarballName.version(in: file, of: package))
    }
}
