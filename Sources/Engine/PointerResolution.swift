internal import Backends
internal import CacheRules
internal import Digests
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Finds where a file really is whose fact leads to a pointer, such as a registry's manifest.
///
/// Pointers are small and are read anew for each fetch: a tag may move, and the file itself is
/// stored once it was had.
struct PointerResolution: Sendable {
    /// A file's own place.
    struct Place: Sendable {
        /// With what the pointers promise as well.
        let fact: FileFact
        let scope: TokenScope?
    }

    let engine: PullThroughEngine
    let subject: Subject

    /// The most bytes of a pointer; registries take no longer manifest either.
    private static let byteLimit = 4 << 20
    /// An index of manifests, and a manifest.
    private static let stepLimit = 2

    /// A pointer's bytes, verified.
    private struct Content {
        let bytes: [UInt8]
        /// The status that they came with.
        let status: Int
        /// Held for as long as the bytes are.
        let lease: ByteLease
    }

    func place(of fact: FileFact) async throws(FillFailure) -> Place {
        guard let reader = subject.mount.adapter.pointers, let first = reader.pointer(for: fact)
        else { return Place(fact: fact, scope: nil) }
        var pointer = first
        for _ in 0..<Self.stepLimit {
            let content = try await content(of: pointer, first.scope)
            defer { withExtendedLifetime(content.lease) {} }
            let target: PointerTarget
            do throws(DocumentFault) {
                target = try reader.target(of: pointer, saying: content.bytes, for: fact)
            } catch {
                throw refusal(error, content.status)
            }
            switch target {
            case .pointer(let next): pointer = next
            case .file(let url, let digests, let byteCount):
                guard let moved = fact.moved(to: url, digests: digests, byteCount: byteCount)
                else { throw .bodyCorrupt }
                return Place(fact: moved, scope: first.scope)
            }
        }
        throw .invalidAnswer("a pointer that leads to no file")
    }

    private func refusal(_ fault: DocumentFault, _ status: Int) -> FillFailure {
        guard fault.meansAbsence else {
            engine.observer.documentRefused(subject.mount.label, fault: fault.description)
            return .invalidAnswer(fault.description)
        }
        return absence(status)
    }

    private func absence(_ status: Int) -> FillFailure {
        let failure = FillFailure.absent(upstreamStatus: status)
        engine.forget(subject.key, because: failure)
        return failure
    }

    /// Reads a pointer, anew where it breaks off.
    private func content(
        of pointer: ArtifactPointer, _ scope: TokenScope?
    ) async throws(FillFailure) -> Content {
        var failures = 0
        while true {
            let response = try await begin(pointer, scope)
            let lease = ByteLease(engine.pointerBudget)
            let most = min(response.byteCount ?? Self.byteLimit, Self.byteLimit)
            guard lease.grow(by: most) else {
                response.body.cancel()
                throw .busy
            }
            let bytes: [UInt8]
            do throws(UpstreamError) {
                bytes = try await engine.bytes(
                    of: response, limit: most, subject.mount.label)
            } catch {
                failures += 1
                try await pause(after: error, failures)
                continue
            }
            guard pointer.isFulfilled(by: bytes) else { throw .bodyCorrupt }
            return Content(bytes: bytes, status: response.status, lease: lease)
        }
    }

    /// Waits before the next try of a body that broke off; throws when there is none.
    private func pause(after error: UpstreamError, _ failures: Int) async throws(FillFailure) {
        let jitter = Int(engine.time.uptimeNanoseconds % 1_000)
        guard error.showsOutage, !Task.isCancelled,
            let pause = engine.rules.retry.pause(
                afterFailures: failures, retryAfterSeconds: nil, jitter: jitter)
        else { throw FillFailure(error) }
        await engine.time.sleep(for: .milliseconds(pause))
    }

    private func begin(
        _ pointer: ArtifactPointer, _ scope: TokenScope?
    ) async throws(FillFailure) -> UpstreamResponse {
        var request = UpstreamRequest(
            url: pointer.url, accept: pointer.accept, policy: subject.mount.policy,
            limits: TransferLimits(total: .seconds(60), bodyBytes: Self.byteLimit))
        let (response, meaning) = try await engine.fetch(&request, subject, in: scope)
        if meaning == .present, response.status == 200 { return response }
        response.body.cancel()
        switch meaning {
        case .absent: throw absence(response.status)
        case .refused: throw .upstreamRefused(status: response.status)
        case .present, .notModified, .busy, .failed:
            throw .upstreamAnswered(status: response.status)
        }
    }
}

extension ArtifactPointer {
    fileprivate func isFulfilled(by bytes: [UInt8]) -> Bool {
        digests.allSatisfy { (try? Digest.of(bytes.span, $0.algorithm)) == $0 }
    }
}
