internal import HTTPModel

extension StoredResponse {
    /// Where a document says why a newer version of it is held back; no field can have this name.
    package static let heldBackField = ":held"

    /// Why a newer version of this document is held back now, in one word; nil when none is.
    ///
    /// Kept among the stored headers, so that storing or freshening the response keeps it.
    package var heldBack: String? {
        get { headers[Self.heldBackField] }
        set {
            if let newValue {
                headers.replace(Self.heldBackField, newValue)
            } else {
                headers.remove(Self.heldBackField)
            }
        }
    }
}
