internal import CLinux

/// A connected stream socket that never blocks.
///
/// `deinit` closes it in an orderly way; after ``reset()`` the peer sees a reset instead.
package struct Socket: ~Copyable, Sendable {
    private let owner: FileDescriptor

    /// The number, for epoll in this module.
    var descriptor: Int32 { owner.number }

    init(owning descriptor: consuming FileDescriptor) {
        owner = descriptor
    }

    /// Lends the number to the owner of another C library, which must not close it.
    package borrowing func withDescriptor<Result>(_ body: (Int32) -> Result) -> Result {
        body(owner.number)
    }

    /// How far a call came.
    package enum Transfer: Sendable, Hashable {
        /// This many bytes, above zero.
        case moved(Int)
        /// The peer has ended its side, or the file ended.
        case end
        /// The kernel has no room, or no bytes, right now.
        case wouldBlock
        case failed(Errno)
    }

    /// Receives up to as many bytes as `buffer` has, into its front.
    package borrowing func receive(into buffer: inout [UInt8]) -> Transfer {
        let number = owner.number
        return Self.transfer {
            unsafe buffer.withUnsafeMutableBytes { room in
                unsafe recv(number, room.baseAddress, room.count, 0)
            }
        }
    }

    /// What follows bytes that are sent: more of the same answer soon, or nothing.
    package enum Continuation: Sendable, Hashable {
        case nothing, more

        fileprivate var flag: Int32 {
            // MSG_MORE is not in the module, since it is an enum of the header.
            self == .more ? 0x8000 : 0
        }
    }

    /// Sends bytes from two places in one call.
    package borrowing func send(
        _ first: Span<UInt8>, _ second: Span<UInt8>, then continuation: Continuation
    ) -> Transfer {
        let number = owner.number
        let flags = continuation.flag
        return Self.transfer {
            unsafe first.withUnsafeBytes { first in
                unsafe second.withUnsafeBytes { second in
                    unsafe shim_send_two(
                        number, first.baseAddress, first.count, second.baseAddress, second.count,
                        flags)
                }
            }
        }
    }

    /// Sends bytes.
    package borrowing func send(
        _ bytes: Span<UInt8>, then continuation: Continuation
    ) -> Transfer {
        let number = owner.number
        let flags = continuation.flag
        return Self.transfer {
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe CLinux.send(
                    number, bytes.baseAddress, bytes.count, flags | 0x4000 /* MSG_NOSIGNAL */)
            }
        }
    }

    /// Sends a part of a file without copying it; reading the file may block on the disk.
    ///
    /// The calling thread must have SIGPIPE blocked or ignored, as ``LinuxThread`` has.
    package borrowing func sendFile(_ file: OpenFile, at offset: Int, count: Int) -> Transfer {
        let number = owner.number
        return Self.transfer {
            var start = off_t(offset)
            return unsafe sendfile(number, file.descriptor, &start, count)
        }
    }

    /// Ends our side; the peer can still send.
    package borrowing func endSending() {
        // A failure means that the peer has gone, which the next call tells.
        _ = shutdown(owner.number, Int32(SHUT_WR))
    }

    /// Makes closing a reset: what the kernel still holds is dropped, and the peer sees an error.
    package borrowing func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        // A failure means that there is no connection any more.
        _ = unsafe setsockopt(
            owner.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bytes that were handed to the kernel and that the peer has not acknowledged.
    package var unacknowledgedByteCount: Int {
        Int(shim_unsent(owner.number))
    }

    private static func transfer(_ call: () -> Int) -> Transfer {
        do throws(Errno) {
            let count = try Errno.check(call)
            return count > 0 ? .moved(count) : .end
        } catch .wouldBlock {
            return .wouldBlock
        } catch {
            return .failed(error)
        }
    }
}
