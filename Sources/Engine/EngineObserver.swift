package import Admission
package import Backends
package import CacheRules
package import HTTPModel

/// What metrics and the log are told; called on server threads and in fills, so it must not block.
package protocol EngineObserver: Sendable {
    func requestFinished(_ head: RequestHead, _ outcome: RequestOutcome)
    /// One request to an upstream came to an end: its status, or nil when there was none.
    func upstreamAnswered(_ upstream: String, status: Int?, nanoseconds: UInt64)
    func upstreamDelivered(_ upstream: String, byteCount: Int)
    /// An outage began or ended.
    func upstreamChanged(_ upstream: String, isUp: Bool)
    /// What the outage was that has just ended.
    func outageEnded(_ outage: Outage)
    /// A drill cut an upstream off, or let it be reached again.
    func drillChanged(_ upstream: String, isCut: Bool)
    func requestCollapsed()
    /// A document was rendered for clients, and the result is kept.
    func renderingStored()
    func integrityFailed(_ upstream: String, reason: String)
    func documentRefused(_ upstream: String, fault: String)
    /// A new version of a document, which is at this path of ours, is not taken; told once for each.
    func documentHeldBack(_ upstream: String, path: String, _ regression: Regression)
    /// How many documents there are whose newer version is held back.
    func documentsAreHeldBack(_ count: Int)
    /// A new version of a document was stored without something that it had, `count` times.
    func documentNoted(_ upstream: String, note: String, _ count: Int)
    /// A list of malware holds from now on, with so many records.
    func malwareListed(_ count: Int)
    /// A stored list of malware cannot be read, and what held before goes on to; told once for each.
    func malwareRefused(_ fault: String)
    func storeHolds(responseCount: Int, byteCount: Int)
    func evicted(byteCount: Int)
    func storeFailed(_ error: StoreError)
    /// A request came with a credential that lets nobody in.
    func authenticationFailed(_ fault: CredentialFault)
}

extension EngineObserver {
    package func authenticationFailed(_ fault: CredentialFault) {}
}

extension EngineObserver {
    package func malwareListed(_ count: Int) {}
    package func malwareRefused(_ fault: String) {}
}
