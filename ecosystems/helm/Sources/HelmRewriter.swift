internal import Ecosystems

/// Writes an index as clients get it.
struct HelmRewriter: DocumentRewriter {
    private let upstream: HelmUpstream
    private let form: IndexForm
    private var text: IndexText

    init(_ upstream: HelmUpstream, _ form: IndexForm) {
        self.upstream = upstream
        self.form = form
        text = IndexText(upstream.limits)
    }

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        try text.take(piece)
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        let index = try HelmIndex.written(text.bytes, IndexOptions(upstream: upstream))
        text = IndexText(upstream.limits)
        let bytes = form == .yaml ? try YAMLForm.yaml(of: index.bytes) : index.bytes
        if output.isEmpty { output = bytes } else { output += bytes }
        return RenderedHead(
            contentType: form.contentType, lastModified: index.generated?.secondsSince1970)
    }
}
