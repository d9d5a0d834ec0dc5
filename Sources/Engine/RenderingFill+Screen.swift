internal import Backends
internal import Ecosystems
internal import Policy
internal import Resources

extension RenderingFill {
    /// Passes a document through the adapter's rewriter that is held whole, without what the policy
    /// hides.
    func rewrite(
        _ screen: DocumentScreen, _ head: DocumentHead, into output: inout CodedOutput
    ) async throws(FillFailure) -> Outcome {
        let lease = try await room()
        defer { withExtendedLifetime(lease) {} }
        guard let bytes = try await wholeDocument() else { return .documentGone }
        var findings = DocumentScreen.Findings()
        let now = engine.time.now
        var rewritten: [UInt8] = []
        let rendered: RenderedHead
        do throws(DocumentFault) {
            let screened = try recipe.adapter.screened(UpstreamDocument(head, bytes: bytes)) {
                let ruling = screen.ruling(on: $0, at: now)
                findings.note(ruling)
                return ruling.forDocuments
            }
            guard let screened else {
                return .refused(findings.refusal ?? .unasked)
            }
            var rewriter = recipe.adapter.rewriter(of: screened.head, as: recipe.variant)
            try rewriter.take(screened.bytes, into: &rewritten)
            rendered = try rewriter.finish(into: &rewritten)
        } catch {
            return try outcome(of: error)
        }
        try await output.take(rewritten)
        return .complete(rendered, until: findings.changesAt)
    }

    /// Room in memory for the document, which is waited for as long as others take to be screened: after
    /// a change of the policy everybody's documents are asked for at once.
    private func room() async throws(FillFailure) -> ByteLease {
        let lease = ByteLease(engine.screenBudget)
        for _ in 0..<Self.looksForRoom {
            if lease.grow(by: recipe.document.byteCount) { return lease }
            guard !Task.isCancelled else { throw .closing }
            await engine.time.sleep(for: .milliseconds(50))
        }
        throw .busy
    }

    /// Five seconds in all.
    private static let looksForRoom = 100

    private func wholeDocument() async throws(FillFailure) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(recipe.document.byteCount)
        while bytes.count < recipe.document.byteCount {
            guard !Task.isCancelled else { throw .closing }
            guard let piece = try await read(at: bytes.count), !piece.isEmpty else { return nil }
            bytes += piece
        }
        return bytes
    }
}
