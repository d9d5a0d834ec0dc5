internal import Backends
internal import Linux

/// The connections, and the transactions that wait for one; on the loop's thread alone.
///
/// At most one connection is being made at a time, and after a failure only after a pause: replicas
/// that lost their server do not storm it when it is back.
final class PostgresPool {
    let settings: PostgresSettings
    private let report: @Sendable (PostgresNews) -> Void
    private var slots: [PostgresSlot] = []
    private var waiting: [PostgresJob] = []
    /// Whether a host name is being looked up for a new connection.
    private var isOpening = false
    /// Failed attempts and lost connections since the last statement that was answered.
    private var failures = 0
    /// When the next connection may be begun.
    private var nextOpening: UInt64 = 0
    /// Since when there is no connection; nil as long as there is one, or none was needed.
    private var downSince: UInt64?
    /// When a server that only lets read last made us turn to new connections.
    private var turnedAt: UInt64 = 0
    private(set) var health = PostgresHealth()
    private(set) var isClosed = false

    init(_ settings: PostgresSettings, report: @escaping @Sendable (PostgresNews) -> Void) {
        self.settings = settings
        self.report = report
    }

    // MARK: What comes in

    func take(_ jobs: [PostgresJob]) {
        for job in jobs {
            if isClosed {
                job.finish(.failure(.closed))
            } else if waiting.count >= settings.waitingLimit {
                job.finish(.failure(.busy))
            } else {
                waiting.append(job)
            }
        }
    }

    /// Takes a connection that was begun elsewhere; nil when there was no memory for it.
    func take(_ connection: PostgresConnection?, now: UInt64) {
        isOpening = false
        guard let connection else {
            connectFailed(.unusable, now)
            return
        }
        let slot = PostgresSlot(
            connection, openedAt: now, until: now + settings.connectTimeout.nanoseconds)
        slots.append(slot)
        advance(slot, now)
    }

    /// Refuses what waits; what runs is finished.
    func close() {
        isClosed = true
        for job in waiting { job.finish(.failure(.closed)) }
        waiting = []
    }

    /// Whether nothing is under way any more.
    var isFinished: Bool { isClosed && !slots.contains { $0.job != nil } }

    // MARK: What time does

    /// Gives up what took too long, and hands out work.
    func turn(_ now: UInt64) {
        for slot in slots {
            guard let deadline = slot.deadline, deadline <= now else { continue }
            if slot.isConnecting {
                drop(slot)
                connectFailed(.timedOut, now)
            } else {
                lose(slot, .timedOut, now)
            }
        }
        expire(now)
        while let job = waiting.first {
            guard let slot = slots.first(where: { $0.isIdle && !$0.isRetired }) else { break }
            waiting.removeFirst()
            if !job.isFinished { start(job, on: slot, now) }
        }
        for slot in slots where slot.isRetired && slot.isIdle { drop(slot) }
        health.connectionCount = slots.count { !$0.isConnecting }
        health.waitingCount = waiting.count
    }

    private func expire(_ now: UInt64) {
        let downEnd = downSince.map { $0 + settings.patience.nanoseconds } ?? .max
        waiting.removeAll { job in
            if job.isFinished { return true }
            if downEnd <= now {
                job.finish(.failure(.unreachable(health.fault ?? .broken)))
            } else if job.waitEnd <= now {
                job.finish(.failure(.busy))
            } else {
                return false
            }
            return true
        }
    }

    /// Whether to begin a new connection now; it has to be handed to ``take(_:now:)`` then.
    func beginsOpening(_ now: UInt64) -> Bool {
        guard wantsConnection, nextOpening <= now else { return false }
        isOpening = true
        return true
    }

    private var wantsConnection: Bool {
        guard !isClosed, !isOpening, slots.count < settings.connectionLimit,
            !slots.contains(where: \.isConnecting)
        else { return false }
        // One that was lost is looked for although nobody waits: whoever comes next shall find it.
        return !waiting.isEmpty || downSince != nil
    }

    /// Milliseconds until something has to be done without being asked; -1 for never.
    func pause(_ now: UInt64) -> Int32 {
        var ends = slots.compactMap(\.deadline)
        if let end = waiting.map(\.waitEnd).min() { ends.append(end) }
        if wantsConnection { ends.append(nextOpening) }
        if let downSince, !waiting.isEmpty {
            ends.append(downSince + settings.patience.nanoseconds)
        }
        guard let end = ends.min() else { return -1 }
        return end <= now ? 0 : Int32(clamping: (end - now) / 1_000_000 + 1)
    }

    // MARK: What sockets do

    var interests: [DescriptorPoll.Interest] {
        slots.map {
            DescriptorPoll.Interest(
                descriptor: $0.connection.descriptor, isRead: $0.wantsRead,
                isWrite: $0.wantsWrite)
        }
    }

    /// Goes on with the connections whose place among ``interests`` is true.
    func advance(_ ready: [Bool], _ now: UInt64) {
        for (slot, isReady) in zip(slots, ready) where isReady { advance(slot, now) }
    }

    private func advance(_ slot: PostgresSlot, _ now: UInt64) {
        switch slot.phase {
        case .connecting(let until, _):
            switch slot.connection.advanceConnect() {
            case .waiting(let isWrite): slot.phase = .connecting(until: until, isWrite: isWrite)
            case .connected: connected(slot, now)
            case .failed(let fault):
                drop(slot)
                connectFailed(fault, now)
            }
        case .idle:
            if !slot.connection.listen() { lose(slot, .lost, now) }
        case .running(let job, _):
            guard let outcome = slot.connection.advance() else { return }
            finish(job, outcome, on: slot, now)
        case .errand:
            guard let outcome = slot.connection.advance() else { return }
            if case .failed = outcome { lose(slot, .lost, now) } else { isIdle(slot) }
        }
    }

    private func isIdle(_ slot: PostgresSlot) {
        slot.phase = .idle
        slot.hasServed = true
        failures = 0
        downSince = nil
        guard !health.isReachable else { return }
        health.isReachable = true
        health.fault = nil
        report(.reachable)
    }

    private func sendOwn(_ sql: String, on slot: PostgresSlot, _ now: UInt64) {
        slot.phase = .errand(until: now + settings.statementTimeout.nanoseconds)
        if !slot.connection.send([PostgresStatement(sql)]) { lose(slot, .lost, now) }
    }

    private func start(_ job: PostgresJob, on slot: PostgresSlot, _ now: UInt64) {
        slot.phase = .running(job, until: now + job.runTime)
        if !slot.connection.send(job.batch) { lose(slot, .lost, now) }
    }

    private func finish(
        _ job: PostgresJob, _ outcome: PostgresConnection.Outcome, on slot: PostgresSlot,
        _ now: UInt64
    ) {
        switch outcome {
        case .failed(.state(let state)):
            if state == .readOnly { turnAway(from: slot, now) }
            clean(slot, now)
            job.finish(.failure(.state(state)))
        case .failed(let failure):
            lose(slot, failure, now)
        case .results(let results):
            if !job.isRead { isWritable(true) }
            isIdle(slot)
            job.finish(.success(results))
        }
    }

    /// Ends a transaction that the server holds open because a statement in it failed.
    private func clean(_ slot: PostgresSlot, _ now: UInt64) {
        if slot.connection.isOutsideTransaction {
            isIdle(slot)
        } else {
            sendOwn("ROLLBACK", on: slot, now)
        }
    }

    /// Turns to new connections, once a second at most.
    ///
    /// They may lead to a server that lets write: after a failover the old ones stay with the one
    /// that does not.
    private func turnAway(from slot: PostgresSlot, _ now: UInt64) {
        isWritable(false)
        guard slot.openedAt > turnedAt, now - turnedAt > 1_000_000_000 else { return }
        turnedAt = now
        for slot in slots { slot.isRetired = true }
    }

    // MARK: Coming and going

    private func connected(_ slot: PostgresSlot, _ now: UInt64) {
        slot.phase = .idle
        health.connectCount += 1
        // A proxy takes connections although its server is away.
        if downSince != nil { sendOwn("SELECT 1", on: slot, now) }
    }

    private func connectFailed(_ fault: ConnectFault, _ now: UInt64) {
        failures += 1
        nextOpening = now + pauseAfterFailure
        guard !slots.contains(where: { !$0.isConnecting }) else { return }
        downSince = downSince ?? now
        let isNews = health.isReachable || health.fault != fault
        health.isReachable = false
        health.fault = fault
        if isNews { report(.unreachable(fault)) }
        guard !fault.mayPass else { return }
        for job in waiting { job.finish(.failure(.unreachable(fault))) }
    }

    /// Gives up a connection that was made; one that never served is a failed attempt.
    private func lose(_ slot: PostgresSlot, _ failure: PostgresFailure, _ now: UInt64) {
        drop(slot)
        slot.job?.finish(.failure(failure))
        guard slot.hasServed else {
            connectFailed(.broken, now)
            return
        }
        // Down only when no new one can be had, either, which the attempt shows.
        if slots.isEmpty { downSince = downSince ?? now }
    }

    private func isWritable(_ isWritable: Bool) {
        guard health.isWritable != isWritable else { return }
        health.isWritable = isWritable
        report(isWritable ? .writable : .readOnly)
    }

    private func drop(_ slot: PostgresSlot) {
        slots.removeAll { $0 === slot }
    }

    private var pauseAfterFailure: UInt64 {
        let pause = ReconnectRule.pause(failures: failures, jitter: .random(in: 0...1))
        return UInt64(pause) * 1_000_000
    }
}
