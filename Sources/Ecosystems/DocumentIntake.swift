package import Resources

/// Checks a document while it arrives, and reads what it says of its files.
///
/// Keeps the facts and little else, whatever the document's size. Used by one task at a time, and
/// of no further use after a throw.
package protocol DocumentIntake {
    /// Takes the next piece, of any size from one byte on, decoded from its transfer's coding.
    ///
    /// - Throws: ``DocumentFault`` as soon as this can be no valid answer of this registry: garbage
    ///   is never stored, and never taken for an empty document.
    mutating func take(_ piece: [UInt8]) throws(DocumentFault)

    /// Says that the document has come to its end; called once.
    mutating func finish() throws(DocumentFault) -> [FileFact]

    /// What else is to be said of the document; asked for behind ``finish()``.
    var summary: DocumentSummary { get }
}

extension DocumentIntake {
    package var summary: DocumentSummary { DocumentSummary() }
}
