/// How an ecosystem's clients want to be told why there is no answer.
package enum ErrorForm: Sendable, Hashable {
    /// One line of text; for a browser the engine makes a page, of either form.
    case plain
    /// `{"error":"<sentence>"}`.
    case json

    /// The Content-Type of ``body(_:)``.
    package var contentType: String {
        switch self {
        case .plain: "text/plain; charset=utf-8"
        case .json: "application/json"
        }
    }

    /// The body of an error.
    package func body(_ sentence: String) -> [UInt8] {
        switch self {
        case .plain: return Array("\(sentence)\n".utf8)
        case .json:
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("error")
            writer.string(sentence)
            writer.endObject()
            return writer.bytes
        }
    }
}
