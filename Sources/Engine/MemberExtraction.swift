internal import Backends
internal import Compression
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources
import Synchronization

/// Takes an artifact out of the archive that holds it, where the upstream announces it and has it not.
///
/// The archive is fetched, verified and stored like any other artifact, and what is taken out must
/// be what was promised; so nothing is answered here that a good upstream would not have sent.
struct MemberExtraction: Sendable {
    let engine: PullThroughEngine
    let subject: Subject
    let fact: FileFact
    let source: FactSource
    /// As in ``ArtifactFill``.
    let turnEnd: UInt64?

    /// The most bytes of a member: it is held in memory.
    private static let byteLimit = 8 << 20

    /// An answer as the upstream would have sent it; nil when none can be made.
    ///
    /// Its status is what the upstream did answer. Throws why the archive cannot be had now but
    /// perhaps later.
    func response(upstreamStatus: Int) async throws(FillFailure) -> UpstreamResponse? {
        guard let member = subject.mount.adapter.member(subject.resource?.name ?? ""),
            let archive = try await archive(member.archive),
            let bytes = try await content(of: member, in: archive), keepsPromises(bytes)
        else { return nil }
        return UpstreamResponse(
            status: upstreamStatus, headers: Headers(), url: fact.url, byteCount: bytes.count,
            body: MemoryBody(bytes))
    }

    private func archive(_ name: String) async throws(FillFailure) -> StoredResponse? {
        let archive = Subject(mount: subject.mount, resource: .artifact(name))
        do throws(FillFailure) {
            return try await engine.hold(archive, source, turnBy: turnEnd)
        } catch {
            switch error {
            case .absent, .notListed, .bodyCorrupt, .wrongBody, .pinConflict, .tooLarge,
                .upstreamRefused,
                .withdrawn, .invalidAnswer:
                return nil
            default: throw error
            }
        }
    }

    private func keepsPromises(_ bytes: [UInt8]) -> Bool {
        guard var hasher = try? MultiHasher(also: fact.digests.map(\.algorithm)) else {
            return false
        }
        hasher.update(bytes)
        let digests = hasher.finish()
        return (fact.byteCount ?? bytes.count) == bytes.count && fact.isFulfilled(by: digests)
    }

    /// The member's bytes; nil when the archive is damaged, too large, or has no such member.
    private func content(
        of member: ArchiveMember, in archive: StoredResponse
    ) async throws(FillFailure) -> [UInt8]? {
        let byteCount = archive.byteCount
        let tailCount = min(byteCount, ZipArchive.tailByteCount)
        let tail = try await read(archive, byteCount - tailCount..<byteCount)
        guard let place = try? ZipArchive.directory(tail: tail, byteCount: byteCount) else {
            return nil
        }
        let directory = try await read(archive, place)
        guard
            let entry = try? ZipArchive.member(
                inDirectory: directory, byteCount: byteCount, where: member.isWanted),
            max(entry.compressedByteCount, entry.byteCount) <= Self.byteLimit
        else { return nil }
        let start = entry.headerOffset
        let header = try await read(archive, start..<start + ZipArchive.localHeaderByteCount)
        guard let range = try? entry.content(behind: header) else { return nil }
        let compressed = try await read(archive, range)
        return try? entry.expanded(
            compressed, limits: ExpansionLimits(outputByteCount: Self.byteLimit))
    }

    private func read(
        _ archive: StoredResponse, _ range: Range<Int>
    ) async throws(FillFailure) -> [UInt8] {
        do throws(StoreError) {
            let bytes = try await engine.read(
                archive.body, at: range.lowerBound, count: range.count)
            if let bytes, bytes.count == range.count { return bytes }
        } catch {
            engine.observer.storeFailed(error)
        }
        throw .storeFailed
    }
}

extension PullThroughEngine {
    /// Makes sure that an artifact is stored, whole and verified, and gives its row.
    ///
    /// Throws ``FillFailure/storeFull`` at once when the disk does not take it.
    func hold(
        _ subject: Subject, _ source: FactSource, turnBy end: UInt64?
    ) async throws(FillFailure) -> StoredResponse {
        // A fill that stores nothing, for want of room, does not get better by more tries.
        for _ in 0..<2 {
            if let held = try await held(subject) { return held }
            let fill: Fill
            switch files.join(subject.key) {
            case .full: throw .busy
            case .follower(let other):
                fill = other
            case .leader(let own):
                fill = own
                let work = ArtifactFill(
                    engine: self, fill: own, subject: subject, source: source, turnEnd: end)
                runner.start(for: own) { await work.runInTurn() }
            }
            await fill.result()
            if fill.isRelay { throw .storeFull }
            // Given up in the moment in which this came to wait for it.
            if fill.isForsaken { continue }
            if case .failed(let failure) = fill.phase { throw failure }
        }
        guard let held = try await held(subject) else { throw .storeFull }
        return held
    }

    /// The row of an artifact whose bytes are there and right.
    private func held(_ subject: Subject) async throws(FillFailure) -> StoredResponse? {
        do throws(StoreError) {
            if case .unknown = index.find(subject.key) { try await load(subject.key) }
            if case .stored(let indexed) = index.find(subject.key) {
                indexed.use(at: time.now)
                if try await isThere(indexed.response.body) { return indexed.response }
                index.put(.nothing, for: subject.key)
            }
        } catch {
            observer.storeFailed(error)
            throw .storeFailed
        }
        if case .negative(let failure, let until) = index.find(subject.key), time.now < until {
            throw failure
        }
        return nil
    }

    private func isThere(_ digest: BlobDigest) async throws(StoreError) -> Bool {
        switch find(digest) {
        case .ready: true
        case .unverified, .elsewhere: try await stores.blobs.verify(digest)
        case .absent: false
        case .failed(let error): throw error
        }
    }
}

/// Bytes that are there already, as a body.
private final class MemoryBody: UpstreamBody {
    private let rest: Mutex<[UInt8]?>

    init(_ bytes: [UInt8]) {
        rest = Mutex(bytes.isEmpty ? nil : bytes)
    }

    func next() async throws(UpstreamError) -> [UInt8]? {
        rest.withLock { rest in
            defer { rest = nil }
            return rest
        }
    }

    func cancel() {
        rest.withLock { $0 = nil }
    }
}
