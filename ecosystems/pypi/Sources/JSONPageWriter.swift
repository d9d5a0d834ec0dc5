internal import Ecosystems

/// Renders a page in JSON.
struct JSONPageWriter {
    let page: ProjectPage

    init(_ page: ProjectPage) {
        self.page = page
    }

    func json() throws(DocumentFault) -> [UInt8] {
        switch page.source {
        case .json(let files, let count): try spliced(files, documentCount: count)
        case .html: JSONPageComposer(page).json()
        }
    }

    /// The upstream's document with other URLs, and without what a client could die of.
    private func spliced(
        _ filesValue: Range<Int>, documentCount: Int
    ) throws(DocumentFault) -> [UInt8] {
        let bytes = page.bytes.span
        var result: [UInt8] = []
        result.reserveCapacity(documentCount)
        result.append(copying: bytes.extracting(0..<filesValue.lowerBound))
        result.append(UInt8(ascii: "["))
        var isFirst = true
        for index in page.files.indices {
            let file = page.files[index]
            guard case .json(let source) = file.origin else { continue }
            if !isFirst { result.append(UInt8(ascii: ",")) }
            isFirst = false
            if source.isKept {
                let (object, url) = (source.object, source.urlValue)
                result.append(copying: bytes.extracting(object.lowerBound..<url.lowerBound))
                result.append(UInt8(ascii: "\""))
                result.append(contentsOf: file.place.linkPrefix.utf8)
                result.append(copying: bytes.extracting(file.link))
                result.append(UInt8(ascii: "\""))
                result.append(copying: bytes.extracting(url.upperBound..<object.upperBound))
            } else {
                result.append(contentsOf: try rebuilt(file, source))
            }
        }
        result.append(UInt8(ascii: "]"))
        result.append(copying: bytes.extracting(filesValue.upperBound..<documentCount))
        return result
    }

    /// A file's URL in the page; it holds neither quotes, backslashes nor control bytes.
    func linkText(of file: ProjectFile) -> [UInt8] {
        Array(file.place.linkPrefix.utf8) + page.bytes[file.link]
    }
}
