internal import Backends
internal import CPQ

/// One connection to the server, never blocking; closed with its last reference.
///
/// Used by one thread at a time. A batch of statements goes out in one piece (libpq's pipeline
/// mode), so that a transaction costs one round trip and its server side is never left half asked.
@safe final class PostgresConnection {
    enum Progress: Hashable {
        case waiting(isWrite: Bool)
        case connected
        case failed(ConnectFault)
    }

    enum Outcome {
        case results([PostgresResult])
        case failed(PostgresFailure)
    }

    private let connection: OpaquePointer
    private var results: [PostgresResult] = []
    private var refusal: SQLState?
    private var isFlushed = true

    /// Begins to connect; looks up host names, which may block.
    ///
    /// - Returns: nil when there is no memory; any other failure shows in ``advanceConnect()``.
    init?(_ settings: PostgresSettings) {
        let words = settings.parameterWords()
        let opened = unsafe CStrings(words.map(\.name)).lend { names in
            unsafe CStrings(words.map(\.value)).lend { values in
                unsafe PQconnectStartParams(names, values, 0)
            }
        }
        guard let opened = unsafe opened else { return nil }
        unsafe connection = opened
        // Codes instead of sentences: sentences may be in the server's language and quote values.
        _ = unsafe PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        // Otherwise libpq writes notices to our standard error.
        _ = unsafe PQsetNoticeReceiver(connection, { _, _ in }, nil)
    }

    deinit { unsafe PQfinish(connection) }

    /// The socket of now; a connection that tries several addresses has several after each other.
    var descriptor: Int32 { unsafe PQsocket(connection) }

    /// Whether there is something to send.
    var wantsWrite: Bool { !isFlushed }

    /// Whether the server holds no transaction open for us.
    var isOutsideTransaction: Bool {
        unsafe PQtransactionStatus(connection) == PQTRANS_IDLE
    }

    /// Goes on connecting; to be called at first, and again whenever the socket is ready.
    func advanceConnect() -> Progress {
        guard unsafe PQstatus(connection) != CONNECTION_BAD else { return .failed(fault) }
        switch unsafe PQconnectPoll(connection) {
        case PGRES_POLLING_READING: return .waiting(isWrite: false)
        case PGRES_POLLING_WRITING: return .waiting(isWrite: true)
        case PGRES_POLLING_OK:
            let isReady =
                unsafe PQsetnonblocking(connection, 1) == 0
                && PQenterPipelineMode(connection) == 1
            return isReady ? .connected : .failed(.unusable)
        default: return .failed(fault)
        }
    }

    /// Sends a batch, of which either all is done or nothing; only when none is under way.
    ///
    /// - Returns: Whether the connection still works.
    func send(_ batch: [PostgresStatement]) -> Bool {
        results = []
        refusal = nil
        for statement in batch {
            guard queue(statement) else { return false }
        }
        guard unsafe PQpipelineSync(connection) == 1 else { return false }
        return flush()
    }

    /// Sends and receives what can be without waiting; nil when the batch is not finished yet.
    func advance() -> Outcome? {
        guard flush(), unsafe PQconsumeInput(connection) == 1 else { return .failed(.lost) }
        // Each statement's results end with nothing; two of these in a row mean the end of all.
        var wasNothing = false
        while unsafe PQisBusy(connection) == 0 {
            guard let next = unsafe PQgetResult(connection) else {
                if wasNothing { return .failed(.lost) }
                wasNothing = true
                continue
            }
            wasNothing = false
            if let outcome = take(unsafe PostgresResult(owning: next)) { return outcome }
        }
        return nil
    }

    /// Reads what came although nothing was asked, as a server's last words.
    ///
    /// - Returns: Whether the connection still works.
    func listen() -> Bool {
        unsafe PQconsumeInput(connection) == 1 && PQstatus(connection) == CONNECTION_OK
            && PQisBusy(connection) == 0
    }

    private func take(_ result: PostgresResult) -> Outcome? {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            results.append(result)
        case PGRES_PIPELINE_ABORTED:
            break
        case PGRES_PIPELINE_SYNC:
            defer { results = [] }
            if let refusal { return .failed(.state(refusal)) }
            return .results(results)
        default:
            guard let state = result.state.flatMap({ SQLState($0) }), !state.endsConnection else {
                return .failed(.lost)
            }
            refusal = refusal ?? state
        }
        return nil
    }

    private func flush() -> Bool {
        let rest = unsafe PQflush(connection)
        isFlushed = rest == 0
        return rest >= 0
    }

    private func queue(_ statement: PostgresStatement) -> Bool {
        let types = statement.values.map(\.typeNumber)
        let values = statement.values.map(\.encoded)
        let lengths = values.map { Int32($0?.count ?? 0) }
        // All in one piece, so that one address holds for all.
        let bytes = values.reduce(into: [UInt8]()) { $0 += $1 ?? [] } + [0]
        return unsafe bytes.withUnsafeBytes { buffer in
            var offset = 0
            let starts = unsafe values.map { value -> UnsafePointer<CChar>? in
                guard let value else { return nil }
                defer { offset += value.count }
                return unsafe buffer.baseAddress?.advanced(by: offset)
                    .assumingMemoryBound(to: CChar.self)
            }
            let formats = [Int32](repeating: 1, count: values.count)
            return unsafe PQsendQueryParams(
                connection, statement.sql, Int32(values.count), types, starts, lengths, formats, 1)
                == 1
        }
    }

    /// Why connecting failed, by what libpq says of it, which is in English without a locale.
    private var fault: ConnectFault {
        let text = unsafe PQerrorMessage(connection).map { unsafe String(cString: $0) } ?? ""
        return ConnectFault(libraryText: text)
    }
}

// It moves from the lane that looks up names to the loop's thread, which alone uses it from then
// on.
extension PostgresConnection: @unchecked Sendable {}

/// Texts as C wants them: an array of addresses that ends with none.
private struct CStrings {
    private let bytes: [CChar]
    private let offsets: [Int]

    init(_ texts: [String]) {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for text in texts {
            offsets.append(bytes.count)
            bytes += text.utf8CString
        }
        self.bytes = bytes
        self.offsets = offsets
    }

    func lend<Result>(
        _ use: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            let starts = unsafe offsets.map { offset in
                unsafe buffer.baseAddress.map { unsafe $0 + offset }
            }
            return unsafe use(starts + [nil])
        }
    }
}
