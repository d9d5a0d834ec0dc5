internal import Backends
internal import Resources

extension PullThroughEngine {
    /// Answers when a document could not be read from our own stores.
    ///
    /// One that is not on this machine, while the store behind it cannot be asked, is fetched from
    /// its upstream as if it were not stored: once for a request. Anything else is told.
    func repair(
        _ document: StoredResponse, after failure: FillFailure, _ inquiry: Inquiry,
        _ delivery: Delivery
    ) -> Answer {
        guard case .storeFailed = failure, !inquiry.memory.hasRepaired,
            case .elsewhere = find(document.body),
            let (fill, _) = startFetch(
                delivery.subject, held: document, for: .repair, isPassing: true)
        else { return failed(failure, inquiry, delivery.subject) }
        var asking = inquiry
        asking.memory.failure = nil
        asking.memory.isAsking = true
        asking.memory.hasRepaired = true
        return waiting(for: fill, asking)
    }
}
