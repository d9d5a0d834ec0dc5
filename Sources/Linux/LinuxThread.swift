internal import CLinux

/// A thread of our own, for work that would block Swift's pool or that needs its own loop.
package enum LinuxThread {
    /// Starts a thread that runs `body` and ends; nobody joins it.
    ///
    /// All signals are blocked on it, so they reach the main thread, and a write to a connection
    /// that the peer has left is an error and not SIGPIPE.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var all = sigset_t()
        var before = sigset_t()
        _ = unsafe sigfillset(&all)
        // The new thread inherits the mask; ours is put back.
        _ = unsafe pthread_sigmask(SIG_BLOCK, &all, &before)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                // Retained by start, and released by this thread alone.
                if let context = unsafe context {
                    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                }
                return nil
            }, work.toOpaque())
        _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            unsafe work.release()
            throw Errno(code)
        }
        _ = pthread_detach(thread)
    }

    /// Asks the kernel to run the calling thread soon after it wakes, in turns of 0.1 ms.
    ///
    /// A thread that mostly waits then interrupts one that computes instead of waiting for the end of
    /// that one's turn, about 3 ms; its share of the processor stays the same. Linux 6.12 and later
    /// take it (sched(7), `sched_runtime` of sched_setattr(2) under SCHED_OTHER); elsewhere, and where
    /// it is forbidden, nothing changes.
    package static func takeShortTurns() { _ = shim_set_slice(100_000) }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
