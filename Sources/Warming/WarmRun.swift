package import Backends
internal import Digests
internal import HTTPModel
package import LockFiles
package import Upkeep

/// Fetches all that a lock file wants through a running server, so that the server has it.
///
/// Nothing is kept here: each file is read, hashed and let go.
package struct WarmRun: Sendable {
    /// Documents are read whole.
    private static let documentByteLimit = 256 << 20
    private static let attemptLimit = 3

    private let client: any UpstreamClient
    private let server: WarmServer
    private let credential: Credential?
    private let concurrency: Int
    private let ledger: WarmLedger
    private let arrived: @Sendable (String) -> Void
    private let pause: @Sendable (Duration) async -> Void

    /// Makes so many requests at once; `arrived` takes one line about each file that came, and `pause`
    /// waits before another try.
    package init(
        client: any UpstreamClient, server: WarmServer, credential: Credential?, concurrency: Int,
        watch: UpkeepWatch, arrived: @escaping @Sendable (String) -> Void,
        pause: @escaping @Sendable (Duration) async -> Void
    ) {
        self.client = client
        self.server = server
        self.credential = credential
        self.concurrency = max(concurrency, 1)
        ledger = WarmLedger(watch: watch)
        self.arrived = arrived
        self.pause = pause
    }

    /// Packages that one document lists.
    private struct Inquiry: Sendable {
        let url: AbsoluteURL
        var packages: [LockedPackage]
    }

    /// Does it once; when its task is cancelled, it says how far it came.
    package func run(_ packages: [LockedPackage]) async -> WarmReport {
        let inquiries = inquiries(packages)
        ledger.begin("asking what there is", inquiries.count)
        await each(inquiries) { inquiry in
            for choice in await ask(inquiry) { ledger.add(choice) }
        }
        guard !Task.isCancelled else {
            ledger.leave(packages.count)
            return ledger.report
        }
        let transfers = ledger.transfers
        let sizes = transfers.compactMap(\.byteCount)
        // The metadata of files has no size, and does not count.
        let isKnown = sizes.count * 2 >= transfers.count && !sizes.isEmpty
        ledger.begin(
            "fetching files", transfers.count, byteCount: isKnown ? sizes.reduce(0, +) : nil)
        await each(transfers) { await fetch($0) }
        if Task.isCancelled { ledger.leave(transfers.count - ledger.settledCount) }
        return ledger.report
    }

    private func inquiries(_ packages: [LockedPackage]) -> [Inquiry] {
        var places: [AbsoluteURL: Int] = [:]
        var inquiries: [Inquiry] = []
        for package in packages {
            guard let url = server.document(of: package) else {
                ledger.fail(.init(title: package.title, reason: "has a name that no registry has"))
                continue
            }
            if let place = places[url] {
                inquiries[place].packages.append(package)
            } else {
                places[url] = inquiries.count
                inquiries.append(Inquiry(url: url, packages: [package]))
            }
        }
        return inquiries
    }

    /// Works on all, as many at once as are allowed; begins no more once it is cancelled.
    private func each<Element: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) async -> Void
    ) async {
        let turns = WarmTurns(count: elements.count)
        await withDiscardingTaskGroup { group in
            for _ in 0..<min(concurrency, elements.count) {
                group.addTask {
                    while !Task.isCancelled, let place = turns.take() {
                        await work(elements[place])
                        if !Task.isCancelled { ledger.advance(1) }
                    }
                }
            }
        }
    }

    // MARK: Documents

    private func ask(_ inquiry: Inquiry) async -> [Listing.Choice] {
        let ecosystem = inquiry.packages[0].ecosystem
        do throws(WarmFailure) {
            let answer = try await attempt(inquiry.url, accept: Listing.accept(ecosystem)) {
                response throws(WarmFailure) -> [UInt8] in
                try await Self.collect(response)
            }
            let listing = Listing(
                answer, of: ecosystem, at: inquiry.url, on: server,
                names: Set(inquiry.packages.map(\.name)))
            guard let listing else { throw .answer("the server's document cannot be read") }
            return inquiry.packages.map { listing.choice(for: $0) }
        } catch {
            guard !Task.isCancelled else { return [] }
            return inquiry.packages.map { package in
                Listing.Choice(
                    failures: [.init(title: package.title, reason: error.description)])
            }
        }
    }

    private static func collect(
        _ response: UpstreamResponse
    ) async throws(WarmFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(UpstreamError) {
            while let piece = try await response.body.next() {
                bytes += piece
                guard bytes.count <= documentByteLimit else { throw .tooLarge }
            }
        } catch {
            throw .transfer(error)
        }
        return bytes
    }

    // MARK: Files

    private func fetch(_ transfer: WantedTransfer) async {
        do throws(WarmFailure) {
            let (byteCount, isStored) = try await attempt(transfer.url, accept: nil) {
                response throws(WarmFailure) -> (Int, Bool) in
                let status = response.headers["cache-status"] ?? ""
                let isStored = status.split(separator: ";").dropFirst().contains { part in
                    part.filter { $0 != " " } == "hit"
                }
                return (try await hash(response, transfer), isStored)
            }
            ledger.count(byteCount, isStored: isStored)
            let what = isStored ? "already there" : "fetched"
            arrived("\(what): \(transfer.title) (\(ProgressText.size(byteCount)))")
        } catch {
            guard !Task.isCancelled else { return }
            ledger.fail(.init(title: transfer.title, reason: error.description))
        }
    }

    /// Reads a file to its end, and compares it with what the lock says.
    ///
    /// - Returns: How many bytes it has.
    private func hash(
        _ response: UpstreamResponse, _ transfer: WantedTransfer
    ) async throws(WarmFailure) -> Int {
        var hasher: MultiHasher
        do throws(DigestError) {
            hasher = try MultiHasher(also: transfer.digests.map(\.algorithm))
        } catch {
            throw .answer("its digest cannot be computed here")
        }
        do throws(UpstreamError) {
            while let piece = try await response.body.next() {
                hasher.update(piece)
                if transfer.byteCount != nil { ledger.advance(0, piece.count) }
            }
        } catch {
            throw .transfer(error)
        }
        let content = hasher.finish()
        guard transfer.accepts(content) else { throw .mismatch }
        return content.byteCount
    }

    // MARK: Requests

    /// Asks until there is an answer, or another try would be no better.
    private func attempt<Value: Sendable>(
        _ url: AbsoluteURL, accept: String?,
        _ read: (UpstreamResponse) async throws(WarmFailure) -> Value
    ) async throws(WarmFailure) -> Value {
        var number = 1
        while true {
            do throws(WarmFailure) {
                return try await read(try await request(url, accept: accept))
            } catch {
                guard error.isTransient, number < Self.attemptLimit, !Task.isCancelled else {
                    throw error
                }
                await pause(.seconds(number))
                number += 1
            }
        }
    }

    private func request(
        _ url: AbsoluteURL, accept: String?
    ) async throws(WarmFailure) -> UpstreamResponse {
        // A large file is verified whole before its first byte comes.
        var limits = TransferLimits(total: .seconds(7_200), bodyBytes: 1 << 40)
        limits.firstByte = .seconds(600)
        limits.pause = .seconds(120)
        let policy = UpstreamPolicy(home: server.base.origin, credential: credential)
        let request = UpstreamRequest(
            url: url, accept: accept, coding: accept == nil ? .identity : .gzip, policy: policy,
            limits: limits)
        let response: UpstreamResponse
        do throws(UpstreamError) {
            response = try await client.fetch(request)
        } catch {
            throw .transfer(error)
        }
        guard response.status == 200 else {
            response.body.cancel()
            throw .status(response.status, cache: response.headers["cache-status"] ?? "")
        }
        return response
    }
}
