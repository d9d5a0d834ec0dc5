/// What it means when a file's bytes are not those that its document promises.
///
/// The document is asked again first, whatever is chosen: a file that was released anew is often
/// there before the document that lists it. What a pointer promises always holds.
package enum DigestMismatch: String, Sendable, Hashable, CaseIterable {
    /// They are neither sent nor stored.
    case refuse
    /// The first ones are sent, stored and pinned; any others are refused from then on.
    case pin
    /// They are sent and stored, and so are others later; the pin stays what it is.
    case warn
}
