/// What a document is brought up to date for.
enum FetchPurpose: Sendable, Hashable {
    /// Because it may have changed.
    case news
    /// Because a larger one need not be asked for then.
    ///
    /// Not every upstream has such documents, so that what it answers says nothing of its health.
    case hint
    /// Because its bytes are lost: "not modified" would not bring them.
    case repair
}
