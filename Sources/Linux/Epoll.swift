internal import CLinux

/// The kernel's list of descriptors that one thread waits for.
///
/// A closed descriptor leaves the list by itself.
package final class Epoll: Sendable {
    private let owner: FileDescriptor

    package init() throws(Errno) {
        owner = FileDescriptor(owning: try Errno.check { epoll_create1(0x80000) })
    }

    /// Watches a connection for everything, edge-triggered: each event comes once.
    package func add(_ socket: borrowing Socket, token: UInt64) throws(Errno) {
        try add(
            socket.descriptor, token,
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    }

    /// Watches for waiting connections, as long as there are some.
    package func add(_ socket: ListeningSocket, token: UInt64) throws(Errno) {
        try add(socket.descriptor, token, EPOLLIN.rawValue)
    }

    /// Watches for wake-ups from other threads.
    package func add(_ wakeUp: EventFD, token: UInt64) throws(Errno) {
        try add(wakeUp.descriptor, token, EPOLLIN.rawValue)
    }

    package func remove(_ socket: ListeningSocket) {
        // A failure means that it is not in the list.
        _ = epoll_ctl(owner.number, EPOLL_CTL_DEL, socket.descriptor, nil)
    }

    private func add(_ number: Int32, _ token: UInt64, _ events: UInt32) throws(Errno) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: token))
        try Errno.check { unsafe epoll_ctl(owner.number, EPOLL_CTL_ADD, number, &event) }
    }

    /// Waits for events.
    ///
    /// - Parameters:
    ///   - batch: Is filled from its start.
    ///   - milliseconds: 0 not to wait, -1 to wait for ever.
    /// - Returns: How many events came; none after the time, or when a signal interrupted it.
    package func wait(into batch: inout EpollBatch, milliseconds: Int32) -> Int {
        let count = unsafe batch.events.withUnsafeMutableBufferPointer { events in
            unsafe epoll_wait(
                owner.number, events.baseAddress, Int32(events.count), milliseconds)
        }
        guard count < 0 else { return Int(count) }
        precondition(Errno.last == .interrupted, "epoll_wait on a list that is not one")
        return 0
    }
}

/// Room for the events of one wait.
@safe package struct EpollBatch {
    fileprivate var events: [epoll_event]

    package init(capacity: Int) {
        let none = unsafe epoll_event(events: 0, data: epoll_data_t(u64: 0))
        unsafe events = [epoll_event](repeating: none, count: capacity)
    }

    package struct Event: Sendable {
        package let token: UInt64
        package let isReadable: Bool
        package let isWritable: Bool
        /// The peer has ended its side.
        package let hasPeerEnded: Bool
        /// The connection is broken, or both sides have ended.
        package let isBroken: Bool
    }

    package subscript(index: Int) -> Event {
        let event = unsafe events[index]
        let bits = unsafe event.events
        return Event(
            token: unsafe event.data.u64,
            isReadable: bits & EPOLLIN.rawValue != 0,
            isWritable: bits & EPOLLOUT.rawValue != 0,
            hasPeerEnded: bits & EPOLLRDHUP.rawValue != 0,
            isBroken: bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }
}
