import Backends
import Configuration
import Digests
import DiskStore
import Engine
import Resources

/// `larder purge`: forgets a document, with what was rendered from it, or a file.
enum PurgeCommand {
    static func run(_ resource: String, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let found = try desk.find(resource)
            guard let stored = try await desk.metadata.response(for: found.key) else {
                throw CommandFailure("\(resource) is not stored")
            }
            var gone = [stored]
            if stored.kind == .document {
                gone += try await desk.metadata.renderings(of: stored.body)
            }
            // The rows first: a server that learns of it must not find them again.
            for response in gone { try await desk.metadata.remove(response.key) }
            for response in gone {
                try await desk.metadata.note(
                    Change(kind: .purged, key: response.key, released: response.body),
                    at: desk.now)
            }
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
            let blobs = try? DiskBlobs(path: folder)
        else { return }
        for body in Set(gone.map(\.body)) {
            guard (try? await desk.metadata.isReferenced(body)) == false else { continue }
            // One that stays is garbage, which the next server finds among the changes.
            try? await blobs.delete(body)
        }
    }
}
