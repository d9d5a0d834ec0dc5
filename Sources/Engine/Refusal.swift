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

    /// One line of text, for a request that belongs to nobody or could not be read.
    package var plain: Reply {
        Reply(
            status: status,
            fields: fields + Array("Content-Type: text/plain; charset=utf-8\r\n".utf8),
            body: .bytes(Array("larder: \(sentence)\n".utf8)), record: record)
    }
}
