internal import CLinux

/// Wakes a thread that waits in ``Epoll``, from any other.
package final class EventFD: Sendable {
    private let owner: FileDescriptor

    var descriptor: Int32 { owner.number }

    package init() throws(Errno) {
        owner = FileDescriptor(
            owning: try Errno.check { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// Makes the descriptor readable; never blocks.
    package func signal() {
        // It fails only when the counter is full, and then it is readable already.
        _ = eventfd_write(owner.number, 1)
    }

    /// Takes all signals so far.
    package func clear() {
        var count: eventfd_t = 0
        // It fails only when there was none.
        _ = unsafe eventfd_read(owner.number, &count)
    }
}
