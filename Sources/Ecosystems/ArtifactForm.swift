/// What the files of one kind look like, and how they are labelled.
package struct ArtifactForm: Sendable, Hashable {
    package enum Sign: Sendable, Hashable {
        /// Any bytes at all.
        case none
        /// The first bytes of the file.
        case beginning([UInt8])
        /// Bytes that stand somewhere within the first 64 KiB.
        case passage([UInt8])
    }

    /// As it is sent to clients.
    package let contentType: String
    /// By which a body is known; one without it is never sent and never stored.
    ///
    /// Some hosts answer 200 with a page for what they have not, and no digest may be there to tell.
    package let sign: Sign
    /// What a body without the sign is, as the end of "the upstream sent …".
    package let fault: String

    package init(contentType: String, sign: Sign = .none, fault: String = "another file") {
        self.contentType = contentType
        self.sign = sign
        self.fault = fault
    }

    /// Bytes of which nothing is known.
    package static let bytes = ArtifactForm(contentType: "application/octet-stream")
}
