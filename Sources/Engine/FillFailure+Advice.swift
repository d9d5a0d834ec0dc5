internal import Pages

/// What a browser shows of a failure beside its sentence.
extension FillFailure {
    /// Who has to do with it.
    var place: ErrorPage.Place {
        switch self {
        case .absent, .notListed, .notInDocument, .upstreamRefused, .upstreamBusy,
            .upstreamAnswered, .upstreamUnreachable, .upstreamTimedOut, .invalidAnswer,
            .bodyCorrupt, .wrongBody, .tooLarge, .pinConflict, .memberMissing, .withdrawn:
            .upstream
        case .refusedByPolicy, .renderingFailed, .busy, .storeFull, .lookupFailed, .storeFailed,
            .abandoned, .closing:
            .cache
        }
    }

    /// What to do next, in a sentence or two.
    var advice: String {
        switch self {
        case .absent, .notListed, .notInDocument:
            "Check the spelling of the name and the version. If it was published a moment ago, ask "
                + "again in a few minutes."
        case .upstreamRefused:
            "The operator of this cache can check the token or password that is set for that "
                + "upstream."
        case .upstreamBusy, .upstreamAnswered, .upstreamUnreachable, .upstreamTimedOut:
            "Try again in a minute. Whatever is stored here goes on being served meanwhile; the "
                + "first page of this server shows how the upstream is."
        case .memberMissing:
            "Try again in a minute, or use the repository that is needed by itself, at its own "
                + "path."
        case .invalidAnswer, .bodyCorrupt, .wrongBody:
            "Try again. If it stays so, the operator of this cache finds the event in its log."
        case .tooLarge: "The operator of this cache can raise the limit in its section `limits`."
        case .pinConflict:
            "Do not install it. The operator of this cache should find out why the upstream "
                + "changed a published file; `larder purge` takes the new one."
        case .withdrawn:
            "Use another version or project, and look up why it was withdrawn. The operator of "
                + "this cache can change the section `removed`."
        case .refusedByPolicy:
            "Use another version. The operator of this cache can make an exception in its policy."
        case .renderingFailed:
            "The operator of this cache can have it fetched anew with `larder refresh`."
        case .busy, .abandoned, .closing: "Try again in a moment."
        case .storeFull: "The operator of this cache should free space on its disk."
        case .lookupFailed, .storeFailed:
            "Try again in a moment. The operator of this cache finds the reason in its log."
        }
    }
}
