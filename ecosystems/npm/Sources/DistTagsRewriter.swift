internal import Ecosystems

/// Takes the `dist-tags` out of a packument, byte for byte; `{}` where there are none.
struct DistTagsRewriter: DocumentRewriter {
    private var cursor = PackumentCursor(PackumentMembers(.distTags))
    private var isCopying = false
    private var isEmpty = true

    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        while true {
            switch try cursor.next(piece) {
            case .pieceEnd:
                if isCopying {
                    output.append(contentsOf: piece[min(cursor.stream.start, piece.count)...])
                }
                return
            case .member:
                cursor.copyValue()
                isCopying = true
                isEmpty = false
            case .value where isCopying:
                output.append(contentsOf: piece[cursor.stream.start..<cursor.stream.position])
                isCopying = false
            default: break
            }
        }
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        try cursor.finish()
        if isEmpty { output.append(contentsOf: "{}".utf8) }
        return RenderedHead(contentType: PackumentVariant.fullType)
    }
}

/// Copies a document of a service, which was checked when it came.
struct UnchangedRewriter: DocumentRewriter {
    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) {
        output.append(contentsOf: piece)
    }

    mutating func finish(into output: inout [UInt8]) -> RenderedHead {
        RenderedHead(contentType: PackumentVariant.fullType)
    }
}

/// Renders nothing: there is no such form of the document.
struct NoRewriter: DocumentRewriter {
    mutating func take(_ piece: [UInt8], into output: inout [UInt8]) throws(DocumentFault) {
        throw DocumentFault("there is no such form of the document")
    }

    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> RenderedHead {
        throw DocumentFault("there is no such form of the document")
    }
}
