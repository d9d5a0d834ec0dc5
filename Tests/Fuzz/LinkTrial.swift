import Ecosystems
import HTTPModel
import Resources

/// What holds of the files that a document names.
enum LinkTrial {
    /// A request for the path of a file is one for this file.
    ///
    /// npm's adapter takes no name of more than 512 bytes, and no client has such a version.
    static func check(_ facts: [FileFact], below mount: [String], of adapter: any EcosystemAdapter)
    {
        for fact in facts where fact.artifact.utf8.count <= 512 {
            let path = ([""] + mount + [fact.artifact]).joined(separator: "/")
            promise(leads(path, to: fact.artifact, adapter), "a link leads to its file: \(path)")
        }
    }

    private static func leads(
        _ path: String, to artifact: String, _ adapter: any EcosystemAdapter
    ) -> Bool {
        guard let target = try? RequestTarget(Array(path.utf8)),
            case .artifact(let name, _, _) = adapter.route(
                RequestHead(method: .get, target: target), base: Mounts.base)
        else { return false }
        return name == artifact
    }
}
