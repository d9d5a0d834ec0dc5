package import Resources

/// An adapter without an upstream: its documents are made of those of other mounts.
package protocol MergingAdapter: EcosystemAdapter {
    /// What a document is made of, in the order in which it is merged.
    ///
    /// Every member's upstream is mounted, and no member is itself made of others.
    func members(ofDocument name: String) -> [DocumentMember]

    /// What makes the document.
    ///
    /// Deterministic: the same members with the same bytes give the same bytes. Whatever else
    /// decides what comes out is part of ``EcosystemAdapter/identity``.
    func merger(ofDocument name: String) -> any DocumentMerger
}

/// A document of another mount, as a part of a larger one.
package struct DocumentMember: Sendable, Hashable {
    package let upstream: UpstreamIdentity
    /// Its name, as in ``Resource/name``.
    package let document: String

    package init(upstream: UpstreamIdentity, document: String) {
        self.upstream = upstream
        self.document = document
    }
}

/// Makes one document of several, one after the other.
///
/// Used by one task at a time, and of no further use after a throw.
package protocol DocumentMerger {
    /// Takes the next member, whole and as its upstream sent it, and appends what can be said by now.
    ///
    /// Members whose upstream says that there is no such document are left out.
    mutating func take(
        _ bytes: [UInt8], of member: DocumentMember, into output: inout [UInt8]
    ) throws(DocumentFault)

    /// Says that there are no more members, and appends the rest; called once.
    mutating func finish(into output: inout [UInt8]) throws(DocumentFault) -> DocumentSummary
}

extension MergingAdapter {
    package func origin(ofDocument name: String) -> DocumentOrigin {
        DocumentOrigin(url: nil, accept: "*/*")
    }

    package func intake(of head: DocumentHead) -> any DocumentIntake { NoIntake() }

    package func meaning(ofStatus status: Int, for kind: Resource.Kind) -> UpstreamMeaning {
        .failed
    }
}

/// Refuses whatever arrives: there is no upstream that it could come from.
private struct NoIntake: DocumentIntake {
    func take(_ piece: [UInt8]) throws(DocumentFault) {
        throw DocumentFault("a document that has no upstream")
    }

    func finish() throws(DocumentFault) -> [FileFact] {
        throw DocumentFault("a document that has no upstream")
    }
}
