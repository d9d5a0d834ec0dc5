internal import Backends
internal import CCurl
internal import HTTPModel

/// One hop on libcurl's thread: the handle, and what its callbacks need.
///
/// libcurl's callbacks find it by address, so it must outlive the handle's membership in the multi
/// handle; ``CurlLoop`` holds it that long. Nothing of it leaves that thread but ``transfer``.
final class Exchange {
    let transfer: Transfer
    var handle: EasyHandle
    private(set) var deadlines: Deadlines
    /// Whether something came for the reader since the last look.
    var hasNews = false
    /// How much of the request's body libcurl has taken.
    var uploadedByteCount = 0

    private let asked: UpstreamRequest
    private let mustBePublic: Bool
    private var reader: HeadReader
    private var head: ResponseHead?
    private var trailerByteCount = 0
    private var bodyByteCount = 0
    /// Why one of our callbacks ended the transfer; libcurl knows only that one did.
    private var fault: UpstreamError?

    init(
        _ transfer: Transfer, _ settings: ClientSettings, at now: Deadlines.Instant
    ) throws(CurlError) {
        self.transfer = transfer
        asked = transfer.request
        handle = try EasyHandle()
        deadlines = Deadlines(asked.limits, now: now, total: transfer.total)
        reader = HeadReader(
            byteLimit: asked.limits.headerBytes, fieldLimit: asked.limits.headerFields)
        mustBePublic =
            settings.proxyURL(for: transfer.url) == nil && asked.policy.mustBePublic(transfer.url)
        try configure(settings)
        try setCallbacks()
    }

    // MARK: What the loop tells

    /// Goes on after the reader made room.
    func resume(at now: Deadlines.Instant) {
        deadlines.resumed(at: now)
        do {
            try handle.resume()
        } catch {
            // What libcurl held back for the reader is lost; the next delivery ends the transfer.
            fault = fault ?? CurlFailure.error(error.code.rawValue, during: .body)
        }
    }

    /// Ends the transfer with libcurl's verdict, or with our own if we stopped it.
    func finish(_ code: CURLcode) {
        transfer.finish(outcome(code))
    }

    private func outcome(_ code: CURLcode) -> TransferState.Outcome {
        if let fault { return .failed(fault) }
        guard code == CURLE_OK else {
            return .failed(CurlFailure.error(code.rawValue, during: deadlines.current))
        }
        guard let head else { return .failed(.malformed) }
        // libcurl checks this as well; a wrong length must never pass for a whole body.
        if let declared = head.wireByteCount, declared != bodyByteCount {
            return .failed(.truncated)
        }
        return .complete
    }

    // MARK: What libcurl's callbacks tell

    /// Takes one header line; false ends the transfer.
    func takeLine(_ line: [UInt8]) -> Bool {
        guard head == nil else {
            // A trailer: nothing of it is used.
            trailerByteCount += line.count
            return trailerByteCount <= asked.limits.headerBytes || stop(.tooLarge)
        }
        switch reader.take(line) {
        case .more: return true
        case .refused(let error): return stop(error)
        case .complete(let head): return accept(head)
        }
    }

    private func accept(_ arrived: ResponseHead) -> Bool {
        var head = arrived
        if transfer.object?.method == .head {
            // Its length is that of what a GET would bring.
            head = ResponseHead(status: head.status, headers: head.headers, framing: .none)
        }
        if let declared = head.wireByteCount, declared > asked.limits.bodyBytes {
            return stop(.tooLarge)
        }
        self.head = head
        deadlines.headArrived(at: .now)
        transfer.arrive(head)
        hasNews = true
        return true
    }

    func takeBody(_ bytes: Span<UInt8>) -> TransferState.Receipt {
        // libcurl goes on after a refusal while it is resumed, and leaves out what was refused.
        guard fault == nil else { return .abandoned }
        guard head != nil else {
            fault = .malformed
            return .abandoned
        }
        guard bodyByteCount + bytes.count <= asked.limits.bodyBytes else {
            fault = .tooLarge
            return .abandoned
        }
        let receipt = transfer.receive(bytes)
        switch receipt {
        case .taken:
            bodyByteCount += bytes.count
            deadlines.bodyArrived(bytes.count, at: .now)
            hasNews = true
        case .held: deadlines.held()
        case .abandoned: fault = fault ?? .cancelled
        }
        return receipt
    }

    /// Whether this address may be dialled, or used when dialled earlier.
    ///
    /// After one forbidden address the others of the same name are refused as well (rule U2).
    func permits(_ address: IPAddress?) -> Bool {
        guard fault == nil else { return false }
        guard mustBePublic else { return true }
        guard let address, AddressFilter.isPublic(address) else { return stop(.addressRefused) }
        return true
    }

    /// Some of the request's body went out.
    func contentMoved() { deadlines.contentSent(at: .now) }

    func requestIsNext() { deadlines.requestSent(at: .now) }

    private func stop(_ error: UpstreamError) -> Bool {
        fault = fault ?? error
        return false
    }
}
