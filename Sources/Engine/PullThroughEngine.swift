package import Admission
package import Backends
internal import CacheRules
internal import Ecosystems
package import HTTPModel
package import Policy
import Synchronization

/// The pull-through engine: freshness, outage, concurrency and integrity, once for all ecosystems.
///
/// `answer` and `resume` run on server threads: they look, decide and return. What takes time is a
/// ``Fill``, driven by a task of `run`.
package final class PullThroughEngine: Responder {
    let mounts: [Mount]
    let rules: EngineRules
    let stores: EngineStores
    let upstream: any UpstreamClient
    let time: any TimeSource
    let observer: any EngineObserver
    let authenticator: any Authenticator
    let admission = Admission()
    let index: ResponseIndex
    let volatile: VolatileBlobs
    let volatileFacts = VolatileFacts()
    /// The rules that hold now.
    package let policy: PolicyBook
    /// The revision of the last list of malware that could not be read; 0 where all could.
    let refusedFeed = Atomic<Int64>(0)
    let releases = ReleaseMemory()
    let health = UpstreamHealth()
    let tokens = AccessTokens()
    let runner = FillRunner()
    /// The number of the last change of operators that was followed; nil before the first look.
    let lastChange = Mutex<Int64?>(nil)
    /// When a full disk last made us evict, in nanoseconds of uptime.
    let roomMadeAt = Mutex<UInt64>(0)
    let countedHeldBack = Atomic<Int>(0)
    /// Up to where eviction has found nothing that may go while these upstreams are in an outage.
    let evictionPlaces = Mutex<[Set<String>: EvictionPlaces]>([:])
    /// Documents and renderings, apart from files: long downloads must not keep pages waiting.
    let pages: FillTable
    /// Artifacts.
    let files: FillTable
    /// Clients' requests that are sent on, each for itself.
    let forwards: FillTable
    /// Of the answers to them.
    let answerBudget: ByteBudget
    /// Of pointers while they are read.
    let pointerBudget: ByteBudget
    /// Of documents while they are screened.
    let screenBudget: ByteBudget
    /// Questions to our own database and disk.
    let lookups: FillTable
    /// For fetches of what our own stores cannot tell of.
    let passing: Places
    let leaseBook = LeaseBook()

    package init(
        mounts: [Mount], rules: EngineRules, stores: EngineStores, outside: EngineOutside,
        policy: PolicyBook = PolicyBook()
    ) {
        self.policy = policy
        let stranger = outside.authenticator.stranger
        self.mounts = mounts.longestFirst.map { $0.shared(with: stranger) }
        self.rules = rules
        self.stores = stores
        upstream = outside.upstream
        time = outside.time
        observer = outside.observer
        authenticator = outside.authenticator
        index = ResponseIndex(limit: rules.indexLimit)
        volatile = VolatileBlobs(byteLimit: rules.volatileByteLimit)
        pages = FillTable(limit: rules.pageLimit)
        files = FillTable(limit: rules.fillLimit)
        forwards = FillTable(limit: rules.forwardLimit)
        answerBudget = ByteBudget(limit: rules.forwardedByteLimit)
        pointerBudget = ByteBudget(limit: rules.pointerByteLimit)
        screenBudget = ByteBudget(limit: rules.screenedByteLimit)
        lookups = FillTable(limit: rules.lookupLimit)
        passing = Places(limit: rules.passingLimit)
    }

    package func answer(_ request: RequestHead, mayBegin: Bool = true) -> Answer {
        var inquiry = Inquiry(request: request)
        inquiry.mayBegin = mayBegin
        return answer(inquiry)
    }

    package func resume(
        _ pending: Pending, for request: RequestHead, after reason: ResumeReason
    ) -> Answer {
        // Woken without news: sleep on.
        if reason == .news, case .working = pending.fill.phase { return .pending(pending) }
        var inquiry = Inquiry(request: request)
        inquiry.rounds = pending.rounds
        inquiry.memory = pending.memory
        inquiry.fill = pending.fill
        inquiry.memory.countTries(of: pending.fill)
        switch pending.fill.phase {
        case .failed(.lookupFailed) where !inquiry.memory.isAsking:
            // This request goes on as if nothing were stored; the next one looks again.
            inquiry.memory.isLookupBroken = true
        case .failed(.abandoned) where pending.fill.isForsaken:
            // It was given up in the moment in which this request came to wait for it.
            break
        case .failed(let failure): inquiry.memory.failure = failure
        case .settled where inquiry.memory.isAsking: inquiry.memory.hasAsked = true
        case .working, .streaming, .settled:
            guard reason == .deadline, inquiry.memory.mayWait else { break }
            inquiry.memory.mayWait = false
            note(lateness: pending.fill, of: pending.memory.validating)
        }
        inquiry.memory.isAsking = false
        let answer = answer(inquiry)
        guard case .reply(var reply) = answer else { return answer }
        reply.record.upstreamTryCount = inquiry.memory.tryCount
        return .reply(reply)
    }

    package func finished(_ request: RequestHead, _ outcome: RequestOutcome) {
        let record = outcome.record
        if record.isDuringOutage, outcome.status < 400 { countServed(record) }
        observer.requestFinished(request, outcome)
    }

    /// Fetches, renderings and forwarded requests under way.
    package var fillCount: Int { pages.count + files.count + forwards.count }

    /// Those of them that go on although our own stores do not answer.
    package var passingCount: Int { passing.takenCount }

    /// Bytes of documents that are screened now.
    package var screenedByteCount: Int { screenBudget.usedByteCount }

    /// How many documents had a newer version that is held back when they were last counted.
    package var heldBackCount: Int { countedHeldBack.load(ordering: .relaxed) }

    /// Runs fills and the upkeep until `close` or cancellation.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepHouse() }
            group.addTask { await self.keepWithinLimit() }
            group.addTask { await self.watchOperations() }
            if self.stores.sharing?.leases != nil {
                group.addTask { await self.renewLeases() }
            }
            await self.runner.run()
            group.cancelAll()
        }
        await flushUses()
        await flushOutages()
    }

    /// Waits until the files that clients have whole are stored too, or ``close()`` ends that.
    ///
    /// Clients get the last byte before the store has the file, since they need not wait for it.
    package func finishStoring() async {
        for fill in files.beingStored { await fill.result() }
    }

    /// Ends all work: what is under way fails, which wakes every reader, and no more starts.
    package func close() {
        for table in [pages, files, forwards, lookups, tokens.questions] { table.close(.closing) }
        runner.stop()
    }
}

/// The stores, as contracts.
package struct EngineStores: Sendable {
    package let blobs: any BlobStore
    package let local: any LocalBlobs
    package let responses: any Responses
    package let facts: any Facts
    package let pins: any Pins
    package let accesses: any Accesses
    package let events: any Events
    package let operations: any Operations
    package let outages: any Outages
    package let malware: any MalwareLists
    /// Nil where no other server writes to the database.
    package let sharing: Sharing?

    package init(
        blobs: any BlobStore & LocalBlobs,
        metadata: any MetadataStore, sharing: Sharing? = nil
    ) {
        self.sharing = sharing
        self.blobs = blobs
        local = blobs
        responses = metadata
        facts = metadata
        pins = metadata
        accesses = metadata
        events = metadata
        operations = metadata
        outages = metadata
        malware = metadata
    }
}

/// What lies outside of the engine: upstreams, clocks, and those who want to know.
package struct EngineOutside: Sendable {
    package let upstream: any UpstreamClient
    package let time: any TimeSource
    package let observer: any EngineObserver
    package let authenticator: any Authenticator

    package init(
        upstream: any UpstreamClient, time: any TimeSource, observer: any EngineObserver,
        authenticator: any Authenticator = OpenAccess()
    ) {
        self.authenticator = authenticator
        self.upstream = upstream
        self.time = time
        self.observer = observer
    }
}

/// One request on its way to an answer.
struct Inquiry {
    let request: RequestHead
    /// Who asks; found anew in each round, so that a token that ends in the meantime is refused.
    var principal = Principal.nobody
    var rounds = 0
    /// Whether something may be begun for it that it waits for.
    var mayBegin = true
    var memory = InquiryMemory()
    /// The body that came with it; not kept while it waits.
    var body: RequestBody?
    /// The fill that was waited for, which may have a body to follow by now.
    var fill: Fill?

    /// No request needs more rounds: look-up, fetch, look-up and making of a rendering, a repair.
    static let roundLimit = 12

    init(request: RequestHead) {
        self.request = request
    }
}

/// What a request has cost and learnt so far, kept while it waits.
struct InquiryMemory: Sendable {
    /// Nil while nothing but our own stores was asked.
    var status: CacheStatus?
    /// Whether the client may still wait for a validation.
    var mayWait = true
    /// What the fill that was waited for came to.
    var failure: FillFailure?
    /// The upstream whose validation is being waited for.
    var validating: String?
    /// Whether the fill that is waited for asks an upstream for the document.
    var isAsking = false
    /// Whether the upstream was asked for this request, and said what is stored now.
    var hasAsked = false
    /// Whether a document that our own store could not give was asked for upstream.
    var hasRepaired = false
    /// What became of the body that was sent on.
    var forwarding: Forwarding?
    /// Whether our own stores could not say what they hold.
    var isLookupBroken = false
    /// Requests to upstreams that were made while this waited.
    private(set) var tryCount = 0
    private var counted: Fill?

    init() {}

    /// Counts those of a fill that was waited for; once, though it is waited for twice.
    mutating func countTries(of fill: Fill) {
        if counted !== fill { tryCount += fill.tryCount }
        counted = fill
    }
}
