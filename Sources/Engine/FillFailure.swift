package import Policy

/// Why a fill came to nothing; each case has its status and its sentence in one table.
package enum FillFailure: Error, Sendable, Hashable {
    /// The upstream says that there is no such thing.
    case absent(upstreamStatus: Int)
    /// Its document does not name this file.
    case notListed
    /// The document has nothing of the wanted variant, such as a version.
    case notInDocument
    /// The upstream does not let us: 401, 403.
    case upstreamRefused(status: Int)
    /// The upstream asked us to come later.
    case upstreamBusy(retryAfterSeconds: Int?)
    /// Any other answer that is none.
    case upstreamAnswered(status: Int)
    case upstreamUnreachable
    case upstreamTimedOut
    /// What came is no answer of this registry, or not allowed; what it sent, as a fixed text.
    case invalidAnswer(String)
    /// What is stored cannot be rendered; a fixed sentence.
    case renderingFailed(String)
    /// Wrong bytes, wrong length, or broken off.
    case bodyCorrupt
    /// A file that is none of its kind; what it is, as a fixed text.
    case wrongBody(String)
    case tooLarge
    /// The bytes differ from those first seen under this name.
    case pinConflict
    /// The upstream took it away, and the withdrawal rule refuses it.
    case withdrawn
    /// The policy refuses all that there is of it.
    case refusedByPolicy(PolicyRefusal)
    /// A document is made of others, and one of them, of this upstream, could not be had.
    indirect case memberMissing(upstream: String, FillFailure)
    /// As many fetches as allowed are under way.
    case busy
    case storeFull
    /// The database or the disk could not say what is stored.
    case lookupFailed
    case storeFailed
    /// Everybody who waited has left.
    case abandoned
    /// The server is shutting down.
    case closing
}

extension FillFailure {
    /// The one table from failure to HTTP status.
    ///
    /// Never 504, which pip does not retry; never 507; a failing upstream is never 404.
    package var status: Int {
        switch self {
        case .absent, .notListed, .notInDocument, .withdrawn: 404
        case .upstreamRefused, .refusedByPolicy: 403
        case .upstreamAnswered, .invalidAnswer, .renderingFailed, .bodyCorrupt, .wrongBody,
            .tooLarge, .pinConflict:
            502
        case .upstreamBusy, .upstreamUnreachable, .upstreamTimedOut, .memberMissing, .busy,
            .storeFull, .lookupFailed, .storeFailed, .abandoned, .closing:
            503
        }
    }

    /// The value of Retry-After in whole seconds, where trying again is worth it.
    ///
    /// A number and never a date: one client reads the field as a floating-point number.
    package var retryAfterSeconds: Int? {
        switch self {
        case .upstreamBusy(let seconds): min(max(seconds ?? 5, 1), 120)
        case .upstreamUnreachable, .upstreamTimedOut, .storeFull, .lookupFailed, .storeFailed: 5
        case .memberMissing(_, let failure): failure.retryAfterSeconds ?? 30
        case .busy, .abandoned, .closing: 1
        case .absent, .notListed, .notInDocument, .upstreamRefused, .upstreamAnswered,
            .invalidAnswer, .renderingFailed, .bodyCorrupt, .wrongBody, .tooLarge, .pinConflict,
            .withdrawn, .refusedByPolicy:
            nil
        }
    }

    /// What failed, where, and what to do, in one sentence.
    ///
    /// The upstream is named by its configured label; nothing from the request is repeated.
    package func sentence(upstream: String) -> String {
        switch self {
        case .absent(let status): "upstream \(upstream) says there is no such resource (\(status))."
        case .notListed: "upstream \(upstream) does not list this file in its project's page."
        case .notInDocument: "upstream \(upstream) lists nothing of this name there."
        case .upstreamRefused(let status):
            "upstream \(upstream) refused larder's request (\(status)); check its credentials."
        case .upstreamBusy: "upstream \(upstream) is overloaded and nothing is stored; try again."
        case .upstreamAnswered(let status):
            "upstream \(upstream) answered \(status) and nothing is stored; try again later."
        case .upstreamUnreachable:
            "upstream \(upstream) could not be reached and nothing is stored; try again later."
        case .upstreamTimedOut:
            "upstream \(upstream) did not answer in time and nothing is stored; try again later."
        case .invalidAnswer(let fault), .wrongBody(let fault):
            "upstream \(upstream) sent \(fault); nothing is stored."
        case .renderingFailed(let fault): "what larder stores of \(upstream) is \(fault)."
        case .bodyCorrupt:
            "upstream \(upstream) sent bytes that do not match their digest or length; try again."
        case .tooLarge: "upstream \(upstream) sent more than larder's configured limit."
        case .pinConflict:
            "upstream \(upstream) sent bytes that differ from those first seen under this name; "
                + "larder refuses them."
        case .memberMissing(let member, let failure):
            "\(upstream) cannot be put together, since "
                + failure.sentence(upstream: member)
        case .withdrawn: "upstream \(upstream) has withdrawn this project; larder refuses it."
        case .refusedByPolicy(let refusal): refusal.sentence
        case .busy: "larder has too many fetches under way; try again."
        case .storeFull: "larder's store is full and the bytes cannot be relayed; try again."
        case .lookupFailed, .storeFailed: "larder's store failed; its log says why."
        case .abandoned: "the fetch was abandoned; try again."
        case .closing: "larder is shutting down; try again."
        }
    }
}
