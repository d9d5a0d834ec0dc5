import Backends
import Digests
import Engine
import Linux
import Pages
import Resources

/// Reads from the stores and the engine what pages show.
struct PageReader: Sendable {
    private static let listCount = 8
    private static let resultCount = 50
    private static let fileCount = 200
    private static let heldBackCount = 5
    /// More packages than these are that many and more; counting them would take long.
    private static let packageCountLimit = 100_000
    /// In how many names, the latest packages first, a search looks for a text inside.
    private static let searchedCount = 200_000
    private static let outageCount = 2_000

    let store: any MetadataStore & Catalogue
    let engine: PullThroughEngine
    let finder: ResourceFinder
    let meter: TrafficMeter
    /// What the policy says of a stored file; nil where there is none.
    var verdict: @Sendable (_ ecosystem: String, _ name: String) -> String? = { _, _ in nil }
    /// What the policy is, in a sentence; nil where there is none.
    var policy: @Sendable () -> String? = { nil }

    func page(_ question: PageDesk.Question) async -> Page {
        let frame = PageFrame(base: question.base, version: Larder.version)
        switch question.place {
        case .front: return frame.page(await landing())
        case .search(let query): return frame.page(await results(query))
        case .package(let name): return frame.page(await contents(name))
        case .stylesheet, .icon, .nothing: return Self.nothing
        }
    }

    static var nothing: Page {
        ErrorPage(
            404, "larder has no such page.", at: .client,
            advice: "Search for the package on the first page of this server."
        ).page
    }

    // MARK: The first page

    private func landing() async -> Landing {
        let now = Int64(SystemClock.unixSeconds)
        var landing = Landing(now: now)
        var outages: [Outage] = []
        do throws(StoreError) {
            let totals = try await store.totals()
            landing.responseCount = totals.responseCount
            landing.byteCount = totals.byteCount
            let limit = Self.packageCountLimit
            let count = try await store.packageCount(limit: limit + 1)
            landing.packageCount = min(count, limit)
            landing.hasMorePackages = count > limit
            landing.newest = try await store.newestPackages(limit: Self.listCount)
                .map(Self.package)
            landing.largest = try await store.largestPackages(limit: Self.listCount)
                .map(Self.package)
            landing.heldBackCount = engine.heldBackCount
            if landing.heldBackCount > 0 {
                landing.heldBack = try await store.heldBack(limit: Self.heldBackCount)
                    .map { finder.path(of: $0.key) ?? "a document of a former upstream" }
            }
            outages = try await store.outages(limit: Self.outageCount)
            landing.hours = try await hours(until: now)
        } catch {
            landing.isIncomplete = true
        }
        landing.upstreams = upstreams(outages, at: now)
        landing.policy = policy()
        return landing
    }

    /// What was written, and what is to be written yet.
    private func hours(until now: Int64) async throws(StoreError) -> [HourlyTraffic] {
        let this = now / 3_600
        var hours = try await store.traffic(sinceHour: this - Traffic.shownHours)
        var latest = meter.pending
        if let last = hours.last, last.hour == this {
            latest += last.traffic
            hours.removeLast()
        }
        hours.append(HourlyTraffic(hour: this, traffic: latest))
        return hours
    }

    private func upstreams(_ outages: [Outage], at now: Int64) -> [Landing.Upstream] {
        let drills = Set(engine.drills)
        let open = engine.outages
        return finder.upstreams.map { label in
            func isOurs(_ outage: Outage) -> Bool { outage.upstream.prefix { $0 != " " } == label }
            let failing = open.filter(isOurs)
            let state: Landing.Upstream.State =
                drills.contains(label)
                ? .isCutOff
                : failing.map(\.beganAt).min().map {
                    .fails(since: $0, servedCount: failing.reduce(0) { $0 + $1.servedCount })
                } ?? .answers
            let spans = outages.filter(isOurs).map {
                OutageStrip.Span(begin: $0.beganAt, end: $0.endedAt ?? now)
            }
            return Landing.Upstream(label: label, state: state, outages: spans)
        }
    }

    // MARK: Search and packages

    private func results(_ query: String) async -> SearchResults {
        let now = Int64(SystemClock.unixSeconds)
        var found: [StoredPackage] = []
        var searchedCount: Int?
        var isIncomplete = false
        let folded = PackageCoordinates.folded(query)
        if !folded.isEmpty {
            do throws(StoreError) {
                let limit = Self.searchedCount
                found = try await store.packages(
                    holding: folded, among: limit, limit: Self.resultCount + 1)
                if found.count <= Self.resultCount,
                    try await store.packageCount(limit: limit + 1) > limit
                {
                    searchedCount = limit
                }
            } catch {
                isIncomplete = true
            }
        }
        var results = SearchResults(
            query: query, packages: found.prefix(Self.resultCount).map(Self.package),
            hasMore: found.count > Self.resultCount, now: now)
        results.isIncomplete = isIncomplete
        results.searchedCount = searchedCount
        return results
    }

    private func contents(_ name: PackageName) async -> PackageContents {
        var rows: [StoredRow] = []
        var isIncomplete = false
        do throws(StoreError) {
            rows = try await store.files(
                ofPackage: name.name, in: name.ecosystem, limit: Self.fileCount + 1)
        } catch {
            isIncomplete = true
        }
        let identities = finder.identities(of: Set(finder.upstreams))
        let files = rows.prefix(Self.fileCount).compactMap { file($0, identities) }
        var contents = PackageContents(
            name: name, files: files, hasMore: rows.count > Self.fileCount,
            now: Int64(SystemClock.unixSeconds))
        contents.isIncomplete = isIncomplete
        return contents
    }

    private func file(
        _ row: StoredRow, _ identities: [UpstreamIdentity]
    ) -> PackageContents.File? {
        guard let parts = row.response.key.artifactParts else { return nil }
        let identity = identities.first {
            $0.ecosystem == parts.ecosystem && $0.location == parts.location
        }
        var file = PackageContents.File(
            version: Packages.coordinates(parts.ecosystem, parts.name)?.version,
            name: parts.name.split(separator: "/").last.map(String.init) ?? parts.name,
            byteCount: row.response.byteCount, digest: row.response.body.hex,
            fetchedAt: row.response.storedAt, usedAt: row.usedAt, upstream: identity?.name,
            location: parts.location)
        file.withdrawnAt = row.response.withdrawnAt
        file.verdict = verdict(parts.ecosystem, parts.name)
        return file
    }

    private static func package(_ stored: StoredPackage) -> Landing.Package {
        Landing.Package(
            name: PackageName(ecosystem: stored.ecosystem, name: stored.name),
            version: stored.newestVersion, fileCount: stored.fileCount,
            byteCount: stored.byteCount, storedAt: stored.newestAt)
    }
}
