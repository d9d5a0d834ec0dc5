package import HTTPModel

/// Where a client's POST goes, of which nothing is stored.
///
/// The engine sends the client's body with its Content-Type and Content-Encoding, and nothing else
/// of the client's fields; the whole answer goes to the client.
package struct ForwardOrigin: Sendable, Hashable {
    package let url: AbsoluteURL
    package let accept: String
    /// What the body is said to be when the client does not say.
    package let contentType: String
    /// The most bytes of the client's body, as it came and, where it is read, decoded.
    package let requestLimit: Int
    /// The most bytes of the upstream's answer, decoded.
    package let answerLimit: Int
    /// Whether the adapter reads the body: then it is decoded, given to
    /// ``EcosystemAdapter/outgoing(_:of:)``, and what that returns is sent without a coding.
    package let isRead: Bool

    package init(
        url: AbsoluteURL, accept: String = "application/json",
        contentType: String = "application/json", requestLimit: Int = 8 << 20,
        answerLimit: Int = 16 << 20, isRead: Bool = false
    ) {
        self.url = url
        self.accept = accept
        self.contentType = contentType
        self.requestLimit = requestLimit
        self.answerLimit = answerLimit
        self.isRead = isRead
    }
}
