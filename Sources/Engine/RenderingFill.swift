internal import Backends
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Policy
internal import Resources

/// Renders one variant of a stored document in one coding, and keeps it as a derived blob.
struct RenderingFill: Sendable {
    /// Everything that decides what comes out.
    struct Recipe: Sendable {
        let document: StoredResponse
        let adapter: any EcosystemAdapter
        let variant: Variant
        let coding: ContentCoding
        /// What the policy leaves out; nil where it has no say.
        var screen: DocumentScreen?

        /// The same raw bytes under the same rules are the same rendering, so the key needs no
        /// purge when settings change: they are in it.
        var key: CacheKey {
            let policy = screen.map { "\($0.tag) " } ?? ""
            return CacheKey(
                renderingOf: document.body.hex,
                recipe: policy
                    + "\(adapter.rendererVersion) \(variant.name) \(variant.base?.text ?? "") "
                    + "\(coding.rawValue) \(document.headers[DocumentFill.recipeField] ?? "") \(document.key.text)"
            )
        }
    }

    /// How much of a document is in memory at a time, in bytes.
    private static let pieceByteCount = 65_536

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
        var output = try await CodedOutput(engine, recipe.coding, recipe.adapter.documentTags)
        do throws(FillFailure) {
            switch try await rewrite(into: &output) {
            case .complete(let head, let end):
                await keep(response(head, try await output.commit()), until: end)
            case .documentGone: await engine.drop(recipe.document)
            case .absent: engine.forget(recipe.key, because: .notInDocument)
            case .refused(let refusal):
                engine.forget(recipe.key, because: .refusedByPolicy(refusal))
            }
            await output.abandon()
        } catch {
            await output.abandon()
            throw error
        }
    }

    /// Stores the rendering, and drops the one that it takes the place of.
    private func keep(_ rendering: StoredResponse, until end: Int64?) async {
        var rendering = rendering
        rendering.screenedUntil = end
        let earlier = recipe.screen == nil ? nil : engine.index.find(rendering.key).body
        await engine.keep(rendering)
        if let earlier, earlier != rendering.body { await engine.release(earlier) }
    }

    enum Outcome {
        /// Right until a moment, if there is one.
        case complete(RenderedHead, until: Int64?)
        /// Nothing is left that the policy admits.
        case refused(PolicyRefusal)
        /// Its bytes are gone or were wrong: the next look fetches it anew.
        case documentGone
        /// The document has nothing of this variant.
        case absent
    }

    /// Passes the document through the adapter's rewriter, piece by piece.
    private func rewrite(into output: inout CodedOutput) async throws(FillFailure) -> Outcome {
        let document = recipe.document
        guard let url = AbsoluteURL(document.headers[DocumentFill.urlField] ?? "") else {
            return .documentGone
        }
        let head = DocumentHead(
            name: subject.resource?.name ?? "", contentType: document.headers["content-type"],
            url: url)
        if let screen = recipe.screen { return try await rewrite(screen, head, into: &output) }
        var rewriter = recipe.adapter.rewriter(of: head, as: recipe.variant)
        var rewritten: [UInt8] = []
        var offset = 0
        while offset < document.byteCount {
            guard !Task.isCancelled else { throw .closing }
            guard let piece = try await read(at: offset), !piece.isEmpty else {
                return .documentGone
            }
            offset += piece.count
            rewritten.removeAll(keepingCapacity: true)
            do throws(DocumentFault) {
                try rewriter.take(piece, into: &rewritten)
            } catch {
                return try outcome(of: error)
            }
            try await output.take(rewritten)
        }
        rewritten.removeAll(keepingCapacity: true)
        let rendered: RenderedHead
        do throws(DocumentFault) {
            rendered = try rewriter.finish(into: &rewritten)
        } catch {
            return try outcome(of: error)
        }
        try await output.take(rewritten)
        return .complete(rendered, until: nil)
    }

    func read(at offset: Int) async throws(FillFailure) -> [UInt8]? {
        do throws(StoreError) {
            return try await engine.read(
                recipe.document.body, at: offset, count: Self.pieceByteCount)
        } catch {
            engine.observer.storeFailed(error)
            throw .storeFailed
        }
    }

    func outcome(of fault: DocumentFault) throws(FillFailure) -> Outcome {
        if fault.meansAbsence { return .absent }
        engine.observer.documentRefused(subject.mount.label, fault: fault.description)
        throw .renderingFailed(fault.description)
    }

    private func response(_ head: RenderedHead, _ result: CodedOutput.Result) -> StoredResponse {
        let now = engine.time.now
        var headers = Headers([("content-type", head.contentType)])
        if let seconds = head.lastModified {
            // What an upstream says of time may be anything; a date has four digits for the year.
            let date = HTTPDate(seconds: min(max(seconds, 0), 253_402_300_799))
            headers.append("last-modified", date.text)
        }
        return StoredResponse(
            key: recipe.key, kind: .rendering, headers: headers, body: result.body,
            byteCount: result.byteCount, entityTag: String(result.tag.hex.prefix(32)),
            storedAt: now, validatedAt: now, lifetimeSeconds: 0)
    }
}
