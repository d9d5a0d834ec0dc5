import Admission
import Backends
import BucketStore
import CacheRules
import Clients
import Configuration
import DiskStore
import Ecosystems
import Engine
import FoundationEssentials
import HTTPModel
import HTTPServer
import HTTPWire
import Linux
import PyPI
import Resources
import TLS
import Upstream

/// Everything that serves, made from the settings: the one place that names concrete stores.
struct Wiring {
    let observer: Observer
    let blobs: any BlobStore & LocalBlobs
    /// The same, where it is a folder before a bucket.
    let tier: TieredBlobs?
    let database: OpenDatabase
    let client: CurlClient
    let engine: PullThroughEngine
    let pages: PageDesk
    /// The tokens of clients; nil where none are needed.
    let tokens: TokenTable?
    /// One for each address; they drain together.
    let doors: [FrontDoor]
    let server: HTTPServer
    /// The second address, for metrics and health alone.
    let metricsServer: HTTPServer?
    /// Nil where clients come over plain HTTP.
    let certificate: CertificateKeeper?

    init(
        _ settings: Settings, database: OpenDatabase, observer: Observer
    ) throws(StartFailure) {
        self.observer = observer
        self.database = database
        client = try Self.client(settings)
        (blobs, tier) = try Self.blobs(settings, observer, client)
        let mounts = try Self.mounts(settings)
        let rules = Self.rules(settings)
        let finder = ResourceFinder(mounts: mounts, base: rules.base)
        for label in finder.upstreams { observer.expect(upstream: label) }
        let tokens = try Self.tokens(settings, finder.upstreams, database, observer)
        self.tokens = tokens
        let engine = PullThroughEngine(
            mounts: mounts, rules: rules,
            stores: EngineStores(
                blobs: blobs, metadata: database.store,
                sharing: database.sharing(areBlobsShared: tier != nil)),
            outside: EngineOutside(
                upstream: client, time: SystemTime(), observer: observer,
                authenticator: tokens ?? OpenAccess()),
            policy: try PolicyWiring.book(settings))
        self.engine = engine
        observer.watch(fills: { engine.fillCount }, passing: { engine.passingCount })
        if let tier { observer.watch(tier) }
        let reader = PageReader(
            store: database.store, engine: engine, finder: finder, meter: observer.meter)
        pages = PageDesk { await reader.page($0) }
        let access = tokens.map { [opensMetrics = settings.auth.opensMetrics] in
            DoorAccess($0, opensMetrics: opensMetrics, failed: observer.authenticationFailed)
        }
        let front = FrontDoor(
            engine: engine, registry: observer.registry, pages: pages, base: rules.base,
            access: access ?? DoorAccess()
        ) {
            Conditions.lines(
                outages: engine.outages, drills: engine.drills, heldBack: engine.heldBackCount)
        }
        let side = FrontDoor(engine: engine, registry: observer.registry, servesEngine: false)
        doors = [front, side]
        let ofTier = tier.map(BucketWiring.degradation(of:))
        for door in doors {
            door.degradation = Self.degradation(database, ofTier, observer)
        }
        let certificate = try settings.tls.map { (tls) throws(StartFailure) in
            try CertificateKeeper(tls, observer)
        }
        self.certificate = certificate
        server = try Self.server(settings.listen, settings, front, tls: certificate?.acceptor)
        metricsServer = try settings.metricsListen.map { (address) throws(StartFailure) in
            try Self.server(address, settings, side)
        }
    }

    /// What the settings say where upstreams appear among our paths.
    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        try PyPIMounts.mounts(settings) + NPMMounts.mounts(settings)
            + HelmMounts.mounts(settings)
    }

    private static func blobs(
        _ settings: Settings, _ observer: Observer, _ client: CurlClient
    ) throws(StartFailure) -> (any BlobStore & LocalBlobs, TieredBlobs?) {
        switch settings.storage {
        case .directory(let folder):
            do throws(StoreOpenError) {
                let blobs = try DiskBlobs(path: folder) {
                    observer.integrityFailed("", reason: "stored-blob")
                }
                return (blobs, nil)
            } catch {
                throw StartFailure("the data folder \(folder) cannot be used: \(error)")
            }
        case .bucket(let location):
            let tier = try BucketWiring.tier(location, settings, observer, client)
            return (tier, tier)
        }
    }

    /// The table of clients' tokens, where they need one; still empty.
    private static func tokens(
        _ settings: Settings, _ labels: [String], _ database: OpenDatabase, _ observer: Observer
    ) throws(StartFailure) -> TokenTable? {
        let scopes = try settings.auth.anonymous.map { (text) throws(StartFailure) in
            guard let scope = Scope(text, of: labels) else {
                throw StartFailure("auth.anonymous: \(Scope.complaint(text, of: labels))")
            }
            return scope
        }
        guard settings.auth.isRequired else { return nil }
        return TokenTable(
            database.store, stranger: Principal(reading: scopes), time: SystemTime(),
            failed: observer.storeFailed)
    }

    static func client(_ settings: Settings) throws(StartFailure) -> CurlClient {
        var client = ClientSettings(
            version: Larder.version, certificateFile: settings.upstreamCAFile)
        // Every fill may have its transfer, or our own limit would look like an outage.
        client.transferLimit = max(client.transferLimit, settings.limits.fills + 1_024)
        if let proxy = settings.proxy {
            client.proxy = .url(proxy.text)
        } else if settings.useEnvironmentProxy {
            client.proxy = .environment
        }
        do throws(UpstreamError) {
            return try CurlClient(client)
        } catch {
            throw StartFailure("libcurl cannot be started: \(error)")
        }
    }

    static func rules(_ settings: Settings) -> EngineRules {
        var rules = EngineRules()
        rules.operationsInterval = .seconds(1)
        rules.negativeSeconds = Int64(settings.negativeSeconds)
        rules.eviction = EvictionRule(limitBytes: settings.storeSizeBytes)
        rules.databaseSharesDisk = databaseSharesDisk(settings)
        rules.withdrawal = WithdrawalRule(
            keptAgeSeconds: Int64(settings.removed.keepAfterDays) * 86_400)
        rules.documentByteLimit = settings.limits.documentBytes
        rules.screenedByteLimit = max(rules.screenedByteLimit, rules.documentByteLimit)
        rules.artifactByteLimit = settings.limits.artifactBytes
        rules.fillLimit = settings.limits.fills
        rules.base = PublicBaseRule(
            publicURL: settings.publicURL,
            allowedHosts: settings.allowedHosts.map {
                .init(name: $0.host, port: $0.port.map { Int($0) })
            },
            trustedProxies: settings.trustedProxies, scheme: settings.tls == nil ? .http : .https)
        return rules
    }

    // MARK: Servers

    private static func server(
        _ address: ListenAddress, _ settings: Settings, _ responder: any Responder,
        tls: TLSAcceptor? = nil
    ) throws(StartFailure) -> HTTPServer {
        guard let socket = SocketAddress(address.description) else {
            throw StartFailure("listen: \(address) is no address of this machine's kind")
        }
        var limits = ServerLimits()
        limits.head.requestLineByteCount = settings.limits.requestLineBytes
        limits.head.fieldsByteCount = settings.limits.headerBytes
        limits.head.fieldCount = settings.limits.headerFields
        limits.headTimeout = .seconds(settings.limits.headerSeconds)
        limits.idleTimeout = .seconds(settings.limits.idleSeconds)
        limits.bodyTimeout = .seconds(settings.limits.bodySeconds)
        limits.minimumBodyRate = settings.limits.minimumBodyBytesPerSecond
        limits.bodyWindow = .seconds(settings.limits.minimumBodyGraceSeconds)
        limits.connectionCount = settings.limits.connections
        limits.connectionCountPerPeer = settings.limits.connectionsPerPeer
        limits.unlimitedPeers = settings.trustedProxies
        limits.waitingCount = settings.limits.waitingRequests
        limits.minimumSendRate = settings.limits.minimumReadBytesPerSecond
        limits.naming = RequestNaming(trustedProxies: settings.trustedProxies)
        limits.sendWindow = .seconds(settings.limits.minimumReadGraceSeconds)
        do throws(ServerError) {
            return try HTTPServer(socket, limits: limits, tls: tls, responder: responder)
        } catch {
            throw StartFailure("\(address): \(error)")
        }
    }
}

/// Why the server does not start: one clear line, exit status 2.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
    /// Whether a server that starts first would do away with it.
    let needsServer: Bool

    init(_ description: String, needsServer: Bool = false) {
        self.description = description
        self.needsServer = needsServer
    }
}

extension Configuration.Proxy {
    /// The URL with its credential, for libcurl alone.
    fileprivate var text: String {
        guard case .basic(let username, let password) = credential else { return url.description }
        let user = PercentEncoding.encodedSegment(username)
        let secret = PercentEncoding.encodedSegment(password.revealed())
        return "\(url.scheme.rawValue)://\(user):\(secret)@\(url.authority)\(url.path)"
    }
}
