internal import Backends
internal import CacheRules
internal import Compression
internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Sends one client's body on, and collects the answer; once, since a POST may not be repeated.
struct ForwardFill: Sendable {
    let engine: PullThroughEngine
    let fill: Fill
    let origin: ForwardOrigin
    let subject: Subject
    let request: RequestHead
    let body: RequestBody
    let forwarding: Forwarding

    /// Why nothing was sent.
    private struct Fault: Error {
        let status: Int
        let sentence: String
    }

    func run() async {
        do throws(FillFailure) {
            forwarding.end(try await outcome())
            engine.forwards.remove(fill)
            fill.settle()
        } catch {
            engine.forwards.remove(fill)
            fill.fail(error)
        }
    }

    private func outcome() async throws(FillFailure) -> Forwarding.Outcome {
        let content: UpstreamContent
        do throws(Fault) {
            content = try outgoing()
        } catch {
            return .refused(status: error.status, sentence: error.sentence)
        }
        return .answered(try await answer(to: content))
    }

    // MARK: What goes out

    private func outgoing() throws(Fault) -> UpstreamContent {
        let named = request.contentType ?? ""
        let contentType = named.isEmpty ? origin.contentType : named
        guard origin.isRead else {
            return UpstreamContent(
                body.bytes, contentType: contentType, contentEncoding: request.contentEncoding)
        }
        let decoded = try decoded()
        do throws(DocumentFault) {
            return UpstreamContent(
                try subject.mount.adapter.outgoing(decoded, of: origin), contentType: contentType)
        } catch {
            throw Fault(status: 400, sentence: "the request's body is no good: \(error).")
        }
    }

    private func decoded() throws(Fault) -> [UInt8] {
        switch request.contentEncoding?.asciiLowercased {
        case nil, "", "identity": return body.bytes
        case "gzip", "x-gzip":
            do throws(CompressionError) {
                return try gunzip(
                    body.bytes, limits: ExpansionLimits(outputByteCount: origin.requestLimit))
            } catch .tooLarge, .tooDense {
                throw Fault(status: 413, sentence: "the request's body is too long when decoded.")
            } catch {
                throw Fault(status: 400, sentence: "the request's body is no gzip.")
            }
        default:
            throw Fault(status: 415, sentence: "the only content coding understood here is gzip.")
        }
    }

    // MARK: What comes back

    private func answer(
        to content: UpstreamContent
    ) async throws(FillFailure) -> Forwarding.Answer {
        var limits = TransferLimits(total: .seconds(60), bodyBytes: origin.answerLimit)
        // The body has to go up in this time as well.
        limits.firstByte = .seconds(30)
        var asked = UpstreamRequest(
            url: origin.url, accept: origin.accept, coding: .gzip, policy: subject.mount.policy,
            limits: limits)
        asked.content = content
        let response = try await head(asked)
        let status = response.status
        let retryAfter = RetryRule.seconds(retryAfter: response.headers["retry-after"])
        let failure: FillFailure? =
            switch status {
            case 200..<300, 402..<407, 400, 408..<500: nil
            case 401, 407: .upstreamRefused(status: status)
            case 503: .upstreamBusy(retryAfterSeconds: retryAfter)
            default: .upstreamAnswered(status: status)
            }
        if let failure {
            response.body.cancel()
            throw failure
        }
        let lease = ByteLease(engine.answerBudget)
        return Forwarding.Answer(
            status: status,
            contentType: response.headers["content-type"] ?? "application/octet-stream",
            retryAfterSeconds: status == 429 ? retryAfter : nil,
            bytes: try await bytes(of: response, lease), lease: lease)
    }

    /// Only what says something of documents, too, counts for the breaker: an answer below 500, and
    /// a connection that could not be made.
    private func head(_ asked: UpstreamRequest) async throws(FillFailure) -> UpstreamResponse {
        let health = engine.healthLabel(subject.mount, asked.url)
        do throws(UpstreamError) {
            let response = try await engine.ask(asked, subject.mount.label)
            if response.status < 500 { engine.note(.success, for: health) }
            return response
        } catch {
            switch error {
            case .unreachable, .insecure, .timedOut(.connect): engine.note(.failure, for: health)
            default: break
            }
            throw FillFailure(error)
        }
    }

    private func bytes(
        of response: UpstreamResponse, _ lease: ByteLease
    ) async throws(FillFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await piece(of: response) {
            guard bytes.count + piece.count <= origin.answerLimit else {
                response.body.cancel()
                throw .tooLarge
            }
            guard lease.grow(by: piece.count) else {
                response.body.cancel()
                throw .busy
            }
            bytes.append(contentsOf: piece)
        }
        engine.observer.upstreamDelivered(subject.mount.label, byteCount: bytes.count)
        return try repaired(bytes, lease)
    }

    private func piece(of response: UpstreamResponse) async throws(FillFailure) -> [UInt8]? {
        do throws(UpstreamError) {
            return try await response.body.next()
        } catch {
            throw FillFailure(error)
        }
    }

    /// Expands a body that is gzip although no field said so (npm/cli issue 9804).
    private func repaired(
        _ bytes: [UInt8], _ lease: ByteLease
    ) throws(FillFailure) -> [UInt8] {
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        let expanded: [UInt8]
        do throws(CompressionError) {
            expanded = try gunzip(
                bytes, limits: ExpansionLimits(outputByteCount: origin.answerLimit))
        } catch {
            throw .invalidAnswer("a body of broken gzip")
        }
        guard lease.grow(by: expanded.count) else { throw .busy }
        return expanded
    }
}
