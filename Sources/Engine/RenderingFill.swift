internal import Backends
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
                recipe: "\(adapter.rendererVersion) \(variant.name) \(variant.base?.text ?? "") "
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
            case .complete(let head): await engine.keep(response(head, try await output.commit()))
            case .documentGone: await engine.drop(recipe.document)
            case .absent: engine.forget(recipe.key, because: .notInDocument)
            }
            await output.abandon()
        } catch {
            await output.abandon()
            throw error
        }
    }

    private enum Outcome {
        case complete(RenderedHead)
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
        return .complete(rendered)
    }

    private func read(at offset: Int) async throws(FillFailure) -> [UInt8]? {
        do throws(StoreError) {
            return try await engine.read(
                recipe.document.body, at: offset, count: Self.pieceByteCount)
        } catch {
            engine.observer.storeFailed(error)
            throw .storeFailed
        }
    }

    private func outcome(of fault: DocumentFault) throws(FillFailure) -> Outcome {
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
