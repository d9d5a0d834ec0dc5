import Backends
import Configuration
import Digests
import DiskStore
import Engine
import Linux
import Resources

/// `larder purge`: forgets a document, with what was rendered from it, or a file.
enum PurgeCommand {
    static func run(_ resource: String, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let found = try desk.find(resource)
            guard let stored = try await desk.metadata.response(for: found.key) else {
                throw CommandFailure("\(resource) is not stored")
            }
            var keys = [stored.key]
            if stored.kind == .document {
                // Without it nobody would know that the project's stored files must not be served.
                guard !stored.isRefused, !stored.isTakedown else {
                    throw CommandFailure(
                        "\(resource) is what keeps the files of a withdrawn project from being "
                            + "served; `larder refresh` asks whether that still holds")
                }
                keys += try await desk.metadata.renderings(of: stored.body).map(\.key)
            }
            let gone = try await desk.metadata.purge(keys, at: desk.now)
            try await desk.record(.purged, upstream: found.upstream, found.resource.name)
            await deleteBodies(of: gone, settings, desk)
            let kept =
                stored.kind == .artifact
                ? "; the digest that it was first seen with is kept" : ""
            return "forgotten: \(resource)\(kept)"
        }
    }

    /// Deletes bodies that nothing needs any more, unless a running server has the folder: it does
    /// that when it learns of the changes.
    private static func deleteBodies(
        of gone: [StoredResponse], _ settings: Settings, _ desk: OperatorDesk
    ) async {
        guard case .directory(let folder) = settings.storage,
            // The store would make its folder.
            (try? Directory.open(folder + "/blobs")) != nil,
            let blobs = try? DiskBlobs(path: folder)
        else { return }
        for body in Set(gone.map(\.body)) {
            guard (try? await desk.metadata.isReferenced(body)) == false else { continue }
            // One that stays is garbage, which the next server finds among the changes.
            try? await blobs.delete(body)
        }
    }
}
