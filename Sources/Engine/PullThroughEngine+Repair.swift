internal import Backends
internal import Linux
internal import Resources

extension PullThroughEngine {
    /// Makes a rendering, or sees to its document where this request has tried that in vain.
    func renderOrRepair(
        _ recipe: RenderingFill.Recipe, _ inquiry: Inquiry, _ delivery: Delivery
    ) -> Answer {
        if let failure = inquiry.memory.failure, !failure.concernsUpstream {
            return repair(recipe.document, after: failure, inquiry, delivery)
        }
        return render(recipe, inquiry, delivery)
    }

    /// Answers when a document could not be read from our own stores.
    ///
    /// One that is not on this machine, while the store behind it cannot be asked, or that the disk
    /// does not give back, is fetched from its upstream as if it were not stored: once for a request.
    /// Anything else is told.
    func repair(
        _ document: StoredResponse, after failure: FillFailure, _ inquiry: Inquiry,
        _ delivery: Delivery
    ) -> Answer {
        guard case .storeFailed = failure, !inquiry.memory.hasRepaired,
            isOutOfReach(find(document.body)),
            let (fill, _) = startFetch(
                delivery.subject, held: document, for: .repair, isPassing: true)
        else { return failed(failure, inquiry, delivery.subject) }
        var asking = inquiry
        asking.memory.failure = nil
        asking.memory.isAsking = true
        asking.memory.hasRepaired = true
        return waiting(for: fill, asking)
    }

    private func isOutOfReach(_ blob: LocalBlob) -> Bool {
        switch blob {
        case .elsewhere, .failed, .unverified: true
        case .ready, .absent: false
        }
    }
}

extension StoreError {
    /// Whether the process has no descriptor left: a fetch would need more of them.
    var isShortOfDescriptors: Bool {
        guard case .system(_, let code) = self else { return false }
        return code == Errno.tooManyFiles.code || code == Errno.tooManyFilesInSystem.code
    }
}
