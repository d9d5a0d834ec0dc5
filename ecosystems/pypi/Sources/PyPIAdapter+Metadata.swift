package import Ecosystems
internal import HTTPModel

extension PyPIAdapter {
    /// A wheel's metadata is its member `<name>-<version>.dist-info/METADATA` (PEP 658, PEP 427).
    ///
    /// Mirrors announce what they have copied from the index's page, and often lack the files.
    package func member(_ artifact: String) -> ArchiveMember? {
        let suffix = ".metadata"
        guard artifact.hasSuffix(suffix) else { return nil }
        let archive = String(artifact.dropLast(suffix.count))
        let name = Array(archive.utf8)
        let start = name.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0
        guard archive.asciiLowercased.hasSuffix(".whl"),
            let file = DistributionFileName(name[start...]),
            let project = ProjectName(bytes: file.project)
        else { return nil }
        return ArchiveMember(archive: archive) { path in
            Self.isMetadata(path, of: project)
        }
    }

    /// Whether a path is the metadata of this project, which the folder may spell differently.
    private static func isMetadata(_ path: ArraySlice<UInt8>, of project: ProjectName) -> Bool {
        let end = Array(".dist-info/METADATA".utf8)
        guard path.count > end.count, path.suffix(end.count).elementsEqual(end) else {
            return false
        }
        let folder = path.dropLast(end.count)
        guard !folder.contains(0x2F), let dash = folder.lastIndex(of: 0x2D) else { return false }
        return ProjectName(bytes: folder[..<dash])?.normalized == project.normalized
    }
}
