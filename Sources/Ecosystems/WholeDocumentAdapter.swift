package import HTTPModel
package import Resources

/// An adapter that reads and renders its documents whole: its memory grows with their size.
package protocol WholeDocumentAdapter: EcosystemAdapter {
    /// Checks a fetched document and reads what it says of its files.
    ///
    /// - Throws: As ``DocumentIntake/finish()`` does.
    func facts(of document: UpstreamDocument) throws(DocumentFault) -> [FileFact]

    /// The same with all else that is to be said of the document, in one pass.
    ///
    /// By default there is nothing else.
    func contents(of document: UpstreamDocument) throws(DocumentFault) -> DocumentContents

    /// Renders a stored document.
    ///
    /// - Throws: As ``DocumentRewriter/finish(into:)`` does.
    func render(
        _ document: UpstreamDocument, as variant: Variant
    ) throws(DocumentFault) -> Rendering
}

extension WholeDocumentAdapter {
    package func contents(
        of document: UpstreamDocument
    ) throws(DocumentFault) -> DocumentContents {
        DocumentContents(facts: try facts(of: document))
    }

    package func intake(of head: DocumentHead) -> any DocumentIntake {
        WholeIntake(adapter: self, head: head)
    }

    package func rewriter(of head: DocumentHead, as variant: Variant) -> any DocumentRewriter {
        WholeRewriter(adapter: self, head: head, variant: variant)
    }
}

/// A whole document as the upstream sent it, decoded from its transfer's coding.
package struct UpstreamDocument: Sendable {
    package let head: DocumentHead
    package let bytes: [UInt8]

    package var name: String { head.name }
    package var contentType: String? { head.contentType }
    package var url: AbsoluteURL { head.url }

    package init(_ head: DocumentHead, bytes: [UInt8]) {
        self.head = head
        self.bytes = bytes
    }

    package init(name: String, contentType: String?, url: AbsoluteURL, bytes: [UInt8]) {
        self.init(DocumentHead(name: name, contentType: contentType, url: url), bytes: bytes)
    }
}

/// What a whole document says.
package struct DocumentContents: Sendable {
    package let facts: [FileFact]
    package let summary: DocumentSummary

    package init(facts: [FileFact], summary: DocumentSummary = DocumentSummary()) {
        self.facts = facts
        self.summary = summary
    }
}

/// A whole document as clients get it.
package struct Rendering: Sendable {
    package let head: RenderedHead
    package let bytes: [UInt8]

    package var contentType: String { head.contentType }

    package init(_ head: RenderedHead, bytes: [UInt8]) {
        self.head = head
        self.bytes = bytes
    }

    package init(contentType: String, bytes: [UInt8]) {
        self.init(RenderedHead(contentType: contentType), bytes: bytes)
    }
}

private struct WholeIntake<Adapter: WholeDocumentAdapter>: DocumentIntake {
    let adapter: Adapter
    let head: DocumentHead
    var bytes: [UInt8] = []
    private(set) var summary = DocumentSummary()

    init(adapter: Adapter, head: DocumentHead) {
        self.adapter = adapter
        self.head = head
    }

    mutating func take(_ piece: [UInt8]) {
        bytes.append(contentsOf: piece)
    }

    mutating func finish() throws(DocumentFault) -> [FileFact] {
        let contents = try adapter.contents(of: UpstreamDocument(head, bytes: bytes))
        summary = contents.summary
        return contents.facts
    }
}

private struct WholeRewriter<Adapter: WholeDocumentAdapter>: DocumentRewriter {
    let adapter: Adapter
    let head: DocumentHead
    let variant: Variant
    var bytes: [UInt8] = []

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) {
        bytes.append(contentsOf: piece)
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        let rendering = try adapter.render(UpstreamDocument(head, bytes: bytes), as: variant)
        output.append(contentsOf: rendering.bytes)
        return rendering.head
    }
}
