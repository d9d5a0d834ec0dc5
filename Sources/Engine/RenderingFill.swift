internal import Backends
internal import Compression
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Renders one variant of a stored document in one coding, and keeps it as a derived blob.
struct RenderingFill: Sendable {
    /// Everything that decides what comes out.
    struct Recipe: Sendable {
        let document: StoredResponse
        let adapter: any EcosystemAdapter
        let variant: Variant
        let coding: ContentCoding

        /// The same raw bytes under the same rules are the same rendering, so the key needs no
        /// purge when settings change: they are in it.
        var key: CacheKey {
            CacheKey(
                renderingOf: document.body.hex,
                recipe: "\(adapter.rendererVersion) \(variant.name) \(coding.rawValue) "
                    + "\(document.headers[DocumentFill.recipeField] ?? "") \(document.key.text)")
        }
    }

    let engine: PullThroughEngine
    let fill: Fill
    let recipe: Recipe
    let subject: Subject

    func run() async {
        do throws(FillFailure) {
            try await work()
            engine.pages.remove(fill, for: recipe.key)
            fill.settle()
        } catch {
            engine.pages.remove(fill, for: recipe.key)
            fill.fail(error)
        }
    }

    private func work() async throws(FillFailure) {
        let document = recipe.document
        let raw: [UInt8]?
        do throws(StoreError) {
            raw = try await engine.bytes(of: document.body)
        } catch {
            engine.observer.storeFailed(error)
            throw .storeFailed
        }
        guard let raw, let url = AbsoluteURL(document.headers[DocumentFill.urlField] ?? "") else {
            // The bytes are gone or were wrong: forget the row, and the next look fetches anew.
            await engine.drop(document)
            return
        }
        let rendering: Rendering
        do throws(DocumentFault) {
            let head = DocumentHead(
                name: subject.resource?.name ?? "",
                contentType: document.headers["content-type"], url: url)
            var rewriter = recipe.adapter.rewriter(of: head, as: recipe.variant)
            var bytes: [UInt8] = []
            try rewriter.take(raw, into: &bytes)
            rendering = Rendering(try rewriter.finish(into: &bytes), bytes: bytes)
        } catch {
            engine.observer.documentRefused(subject.mount.label, fault: error.description)
            throw .renderingFailed(error.description)
        }
        let bytes: [UInt8]
        do {
            bytes = recipe.coding == .gzip ? try gzip(rendering.bytes) : rendering.bytes
        } catch {
            throw .renderingFailed("not to be compressed")
        }
        let digest = BlobDigest.of(bytes)
        guard await engine.keep(bytes, as: digest, .derived) else { throw .storeFull }
        await engine.keep(response(rendering, digest, bytes.count))
    }

    private func response(
        _ rendering: Rendering, _ digest: BlobDigest, _ byteCount: Int
    ) -> StoredResponse {
        let now = engine.time.now
        return StoredResponse(
            key: recipe.key, kind: .rendering,
            headers: Headers([("content-type", rendering.contentType)]), body: digest,
            byteCount: byteCount,
            // A strong tag of these very bytes: each variant and coding has its own.
            entityTag: String(digest.hex.prefix(32)), storedAt: now, validatedAt: now,
            lifetimeSeconds: 0)
    }
}
