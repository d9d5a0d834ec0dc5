internal import CLinux

/// Waits for a few descriptors that a C library owns and may replace at any time (poll(2)).
package enum DescriptorPoll {
    /// A descriptor, and what to wait for; errors and hang-ups always count.
    package struct Interest: Sendable, Hashable {
        package let descriptor: Int32
        package let isRead: Bool
        package let isWrite: Bool

        package init(descriptor: Int32, isRead: Bool, isWrite: Bool) {
            self.descriptor = descriptor
            self.isRead = isRead
            self.isWrite = isWrite
        }
    }

    /// Waits until something happens to one of `interests`, or `wakeUp` was signalled.
    ///
    /// 0 milliseconds are not to wait, -1 to wait for ever.
    ///
    /// - Returns: For each interest whether something happened; nothing did after the time, or when
    ///   a signal interrupted it.
    package static func wait(
        for interests: [Interest], or wakeUp: EventFD, milliseconds: Int32
    ) -> [Bool] {
        var polled = [pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
        polled += interests.map { interest in
            let events = (interest.isRead ? POLLIN : 0) | (interest.isWrite ? POLLOUT : 0)
            return pollfd(fd: interest.descriptor, events: Int16(events), revents: 0)
        }
        let count = unsafe polled.withUnsafeMutableBufferPointer { buffer in
            unsafe poll(buffer.baseAddress, nfds_t(buffer.count), milliseconds)
        }
        precondition(
            count >= 0 || Errno.last == .interrupted || Errno.last == .outOfMemory, "poll failed")
        return polled.dropFirst().map { count > 0 && $0.revents != 0 }
    }
}
