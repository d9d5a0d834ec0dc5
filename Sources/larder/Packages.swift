import Helm
import NPM
import PyPI
import Resources

/// What a stored file's name says of its package, by its ecosystem.
enum Packages {
    static let coordinates: PackageCoordinates.Reader = { ecosystem, artifact in
        switch ecosystem {
        case "pypi": PyPICoordinates.read(artifact)
        case "npm": NPMCoordinates.read(artifact)
        case "helm": HelmCoordinates.read(artifact)
        default: nil
        }
    }
}
