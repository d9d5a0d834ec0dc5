import Linux

/// The state of a ``Fill``, as plain methods that say what to do next; never locks, never calls.
struct FillState {
    /// The most bytes that a relay keeps for readers; the tail that is held back must fit.
    static let relayCapacity = 1 << 20

    private(set) var phase = Fill.Phase.working
    private var file: OpenFile?
    /// How many bytes readers may see, and how many of them are in the file.
    private var visibleCount = 0
    private var fileCount = 0
    private var isComplete = false
    /// The bytes after those in the file, when there is no disk to stage on.
    private var relay: Relay?
    private var positions: [ObjectIdentifier: Int] = [:]
    private(set) var hadReader = false
    /// Those who wait for it and do not read yet.
    private var waiterCount = 0
    /// Runs when the last of both has left.
    private var deserted: (@Sendable () -> Void)?
    /// How often everybody has left.
    private(set) var desertionCount = 0
    private(set) var isForsaken = false
    private var waiting: [@Sendable () -> Void] = []
    private var producer: CheckedContinuation<Void, Never>?
    private var isProducerCancelled = false
    /// Whether the fill does nothing any more.
    private var isOver = false
    /// Who waits until it is over, or will store nothing.
    private var waitingForResult: [@Sendable () -> Void] = []

    typealias Wakeups = [@Sendable () -> Void]

    var canBeJoined: Bool {
        guard let relay else { return !isForsaken }
        return relay.base == fileCount
    }

    /// Whether the whole body is there, and is still being stored.
    var isBeingStored: Bool { isComplete && !isOver && !isRelay }

    /// Whether the bytes reach readers through memory.
    var isRelay: Bool { relay != nil }

    // MARK: Waiters and readers

    /// Registers for the next phase; true when the caller must wake at once.
    mutating func registerForPhase(_ wake: @escaping @Sendable () -> Void) -> Bool {
        guard case .working = phase else { return true }
        waiting.append(wake)
        return false
    }

    mutating func next(
        at offset: Int, limit: Int, reader: FillReader, _ wake: @escaping @Sendable () -> Void
    ) -> (FillStep, Wakeups) {
        positions[ObjectIdentifier(reader)] = offset
        hadReader = true
        let freed = trimRelay()
        if case .failed(let failure) = phase { return (.failed(failure), freed) }
        if isForsaken { return (.failed(.abandoned), freed) }
        let end = reader.end ?? .max
        let visible = min(visibleCount, isComplete ? end : max(0, end - 1))
        let inFile = min(visible, fileCount)
        if offset < inFile, let file {
            return (.file(file, offset..<offset + min(limit, inFile - offset)), freed)
        }
        if offset < visible, let relay {
            let last = offset + min(limit, visible - offset)
            guard let bytes = relay.bytes(from: offset, to: last) else {
                return (.failed(.abandoned), freed)
            }
            return (.bytes(bytes), freed)
        }
        if isComplete { return (.end, freed) }
        waiting.append(wake)
        return (.wait, freed)
    }

    mutating func leave(_ reader: FillReader) -> Wakeups {
        guard positions.removeValue(forKey: ObjectIdentifier(reader)) != nil else { return [] }
        return trimRelay() + noteDesertion()
    }

    // MARK: The audience

    mutating func attend() { waiterCount += 1 }

    mutating func depart() -> Wakeups {
        waiterCount -= 1
        return noteDesertion()
    }

    /// Calls `deserted` whenever nobody is left, and at once where nobody is there.
    mutating func supervise(_ deserted: @escaping @Sendable () -> Void) -> Wakeups {
        guard !isOver else { return [] }
        self.deserted = deserted
        return noteDesertion()
    }

    /// Whether nobody waits for it or reads it.
    var isDeserted: Bool { waiterCount == 0 && positions.isEmpty }

    /// Whether nobody is there, and it is not complete.
    var canBeForsaken: Bool { isDeserted && !isOver && !isComplete }

    /// Gives it up if nobody is there; nobody can come any more then.
    mutating func forsake() -> Bool {
        guard canBeForsaken else { return false }
        isForsaken = true
        return true
    }

    private mutating func noteDesertion() -> Wakeups {
        guard isDeserted else { return [] }
        desertionCount += 1
        return deserted.map { [$0] } ?? []
    }

    // MARK: The filling side

    mutating func begin(_ head: Fill.Head, file: OpenFile?) -> Wakeups {
        phase = .streaming(head)
        self.file = file
        guard file == nil else { return takeWaiting() }
        return switchToRelay() + takeWaiting()
    }

    /// Bytes up to `count` are in the file, and readers may see those up to `visible`.
    mutating func publish(fileCount count: Int, visible: Int) -> Wakeups {
        fileCount = count
        guard visible > visibleCount else { return [] }
        visibleCount = visible
        return takeWaiting()
    }

    /// From here on the bytes go through memory; what is in the file stays readable there.
    mutating func switchToRelay() -> Wakeups {
        if relay == nil { relay = Relay(base: fileCount) }
        return takeWaitingForResult()
    }

    /// Adds bytes to the relay; readers may see bytes up to `visible`.
    mutating func relay(_ bytes: [UInt8], visible: Int) -> Wakeups {
        relay?.append(bytes)
        guard visible > visibleCount else { return [] }
        visibleCount = visible
        return takeWaiting()
    }

    enum Room: Sendable {
        case free, none
        /// Every reader that there was has left.
        case abandoned
    }

    var relayRoom: Room {
        guard let relay else { return .free }
        if isProducerCancelled { return .abandoned }
        if hadReader, positions.isEmpty { return .abandoned }
        return relay.count < Self.relayCapacity ? .free : .none
    }

    /// Whether a full relay waits for its first reader.
    var waitsForFirstReader: Bool {
        guard case .none = relayRoom else { return false }
        return !hadReader
    }

    /// Keeps the producer until there is room; hands it straight back when there already is.
    mutating func park(
        _ continuation: CheckedContinuation<Void, Never>
    ) -> CheckedContinuation<Void, Never>? {
        guard case .none = relayRoom else { return continuation }
        producer = continuation
        return nil
    }

    /// Frees the producer because its task was cancelled, which may come before it parks.
    mutating func cancelProducer() -> CheckedContinuation<Void, Never>? {
        isProducerCancelled = true
        defer { producer = nil }
        return producer
    }

    /// The body is whole and verified; it can still be followed until it is stored.
    mutating func complete(count: Int) -> Wakeups {
        visibleCount = count
        isComplete = true
        return takeWaiting()
    }

    mutating func settle() -> Wakeups {
        phase = .settled
        return takeWaiting() + conclude()
    }

    mutating func fail(_ failure: FillFailure) -> Wakeups {
        phase = .failed(failure)
        return takeWaiting() + conclude()
    }

    mutating func conclude() -> Wakeups {
        isOver = true
        deserted = nil
        return takeWaitingForResult()
    }

    /// Registers for the end, or for a relay; true when the caller must wake at once.
    mutating func registerForResult(_ wake: @escaping @Sendable () -> Void) -> Bool {
        guard !isOver, !isRelay else { return true }
        waitingForResult.append(wake)
        return false
    }

    private mutating func takeWaitingForResult() -> Wakeups {
        defer { waitingForResult = [] }
        return waitingForResult
    }

    private mutating func takeWaiting() -> Wakeups {
        defer { waiting = [] }
        return waiting
    }

    /// Drops relay bytes that every reader has taken, and frees the producer when that made room.
    private mutating func trimRelay() -> Wakeups {
        guard relay != nil else { return [] }
        if let slowest = positions.values.min() { relay?.drop(before: slowest) }
        guard let producer else { return [] }
        if case .none = relayRoom { return [] }
        self.producer = nil
        return [{ producer.resume() }]
    }
}

/// A bounded window of the body in memory.
private struct Relay {
    /// The offset of the first kept byte.
    private(set) var base: Int
    private var pieces: [[UInt8]] = []
    private(set) var count = 0

    init(base: Int) {
        self.base = base
    }

    mutating func append(_ bytes: [UInt8]) {
        pieces.append(bytes)
        count += bytes.count
    }

    /// Drops whole pieces that end at or before `offset`.
    mutating func drop(before offset: Int) {
        while let first = pieces.first, base + first.count <= offset {
            base += first.count
            count -= first.count
            pieces.removeFirst()
        }
    }

    /// At most one piece's bytes from `offset`; nil when they were dropped.
    func bytes(from offset: Int, to end: Int) -> [UInt8]? {
        guard offset >= base else { return nil }
        var start = base
        for piece in pieces {
            if offset < start + piece.count {
                return Array(piece[(offset - start)..<min(piece.count, end - start)])
            }
            start += piece.count
        }
        return nil
    }
}
