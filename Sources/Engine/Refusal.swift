package import HTTPModel
internal import Pages

/// An error that the server found by itself, before a responder has put it into words.
package struct Refusal: Sendable {
    package let status: Int
    /// What is wrong, in one sentence that repeats nothing of the request.
    package let sentence: String
    /// Complete header lines, each ending in CRLF.
    package let fields: [UInt8]
    package let record: RequestRecord

    package init(
        status: Int, sentence: String, fields: String = "", record: RequestRecord = RequestRecord()
    ) {
        self.status = status
        self.sentence = sentence
        self.fields = Array(fields.utf8)
        self.record = record
    }

    /// A page for a browser, else one line of text; for a request that belongs to no mount.
    package func reply(to request: RequestHead) -> Reply {
        request.prefersHTML ? page : plain
    }

    /// What a browser gets, wherever it was.
    var page: Reply {
        let page = ErrorPage(
            status, "larder: \(sentence)", at: status >= 500 ? .cache : .client, advice: advice
        ).page
        let own = page.fields + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        return Reply(
            status: status, fields: fields + Array(own.utf8), body: .bytes(page.bytes),
            record: record)
    }

    private var advice: String {
        switch status {
        case 408: "Send the request again."
        case 413: "Send less at once."
        case 500...: "Load the page again in a moment."
        default: "Check the address, and what the client sends."
        }
    }

    /// One line of text, for a request that belongs to nobody or could not be read.
    package var plain: Reply {
        Reply(
            status: status,
            fields: fields + Array("Content-Type: text/plain; charset=utf-8\r\n".utf8),
            body: .bytes(Array("larder: \(sentence)\n".utf8)), record: record)
    }
}
