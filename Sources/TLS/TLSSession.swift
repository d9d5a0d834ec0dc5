internal import CSSL
package import Linux

/// The server's side of TLS on one connection.
///
/// Belongs to the thread of its connection, and must not outlive the socket. It never blocks, and its
/// calls mean what those of ``Socket`` mean, with bytes before they are encrypted; but a receive that
/// brings fewer bytes than there is room for has not emptied the socket.
@safe package final class TLSSession {
    private nonisolated(unsafe) let ssl: OpaquePointer
    /// Messages since content came last, which libssl counts; freed by deinit.
    private nonisolated(unsafe) let noted: UnsafeMutablePointer<Int32>
    /// Bytes of a record that libssl has taken and the socket has not: they must come again.
    private var owedByteCount = 0
    /// Whether nothing more may be asked of libssl: a failure is final.
    private var isBroken = false

    /// The bytes of one record (RFC 8446 section 5.1).
    private static let recordByteCount = 16_384

    /// Nil when libssl has no memory left.
    package init?(_ context: TLSContext, on socket: borrowing Socket) {
        guard let ssl = unsafe context.makeSession() else { return nil }
        unsafe self.ssl = unsafe ssl
        unsafe noted = .allocate(capacity: 1)
        unsafe noted.initialize(to: 0)
        unsafe shim_ssl_watch(ssl, noted)
        let number = socket.withDescriptor { $0 }
        guard unsafe SSL_set_fd(ssl, number) == 1 else { return nil }
        unsafe SSL_set_accept_state(ssl)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe noted.deallocate()
    }

    /// All bytes that the socket has taken, encrypted.
    package var writtenByteCount: Int {
        Int(clamping: unsafe BIO_number_written(SSL_get_wbio(ssl)))
    }

    /// How far a handshake came.
    package enum Handshake: Sendable, Hashable {
        case done
        /// It waits for the client.
        case wouldBlock
        /// The client speaks HTTP without TLS; the socket can still be written to.
        case plaintext
        case failed
    }

    /// Goes on with the handshake; computes for about a millisecond once, with an RSA key.
    package func handshake() -> Handshake {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        guard result != 1 else { return .done }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        default:
            isBroken = true
            let reason = shim_ssl_reason(ERR_peek_error())
            ERR_clear_error()
            return reason == SSL_R_HTTP_REQUEST ? .plaintext : .failed
        }
    }

    /// Receives up to as many bytes as `buffer` has, into its front.
    package func receive(into buffer: inout [UInt8]) -> Socket.Transfer {
        let result = transfer { count in
            unsafe buffer.withUnsafeMutableBytes { room in
                unsafe SSL_read_ex(ssl, room.baseAddress, room.count, &count)
            }
        }
        if case .moved = result { unsafe noted.pointee = 0 }
        return result
    }

    /// Sends bytes from two places, one record of them at most.
    ///
    /// After ``Socket/Transfer/wouldBlock`` the same bytes must come first again, as many or more.
    package func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Socket.Transfer {
        let whole = first.count + second.count
        let limit = owedByteCount > 0 ? owedByteCount : min(whole, Self.recordByteCount)
        precondition(limit <= whole, "fewer bytes than libssl has taken")
        if second.isEmpty || first.count >= limit { return write(first.extracting(0..<limit)) }
        if first.isEmpty { return write(second.extracting(0..<limit)) }
        // One record, since a client cannot read before the end of one.
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { room in
            guard let start = room.baseAddress else { return .failed(.outOfMemory) }
            let rest = limit - first.count
            for index in 0..<first.count { unsafe start[index] = first[index] }
            unsafe second.withUnsafeBytes { bytes in
                let target = unsafe UnsafeMutableRawBufferPointer(
                    start: start + first.count, count: rest)
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<rest]))
            }
            return write(unsafe Span(_unsafeElements: UnsafeBufferPointer(room)))
        }
    }

    /// Sends bytes and then a part of a file, one record of them at most; reads the file, which may
    /// block on the disk.
    package func send(
        _ head: Span<UInt8>, _ file: OpenFile, at offset: Int, count: Int
    ) -> Socket.Transfer {
        let most = owedByteCount > 0 ? owedByteCount : min(Self.recordByteCount, head.count + count)
        guard most > head.count else { return send(head, Span()) }
        do throws(Errno) {
            let bytes = try file.read(at: offset, count: most - head.count)
            // It has become shorter than it was, perhaps between two tries.
            guard !bytes.isEmpty, head.count + bytes.count >= owedByteCount else { return .end }
            return send(head, bytes.span)
        } catch {
            return .failed(error)
        }
    }

    /// Tells the peer that nothing more comes (close_notify); does not wait for its answer.
    ///
    /// - Returns: Whether it is told, or cannot be; else the socket was full, and it is to be tried again.
    @discardableResult
    package func endSending() -> Bool {
        guard !isBroken, owedByteCount == 0, unsafe SSL_is_init_finished(ssl) == 1 else {
            return true
        }
        ERR_clear_error()
        let result = unsafe SSL_shutdown(ssl)
        let cause = unsafe SSL_get_error(ssl, result)
        ERR_clear_error()
        return result >= 0 || cause != SSL_ERROR_WANT_WRITE
    }

    private func write(_ bytes: Span<UInt8>) -> Socket.Transfer {
        let result = transfer { count in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
            }
        }
        owedByteCount = result == .wouldBlock ? bytes.count : 0
        return result
    }

    private func transfer(_ call: (inout Int) -> Int32) -> Socket.Transfer {
        guard !isBroken else { return .failed(.notConnected) }
        ERR_clear_error()
        var count = 0
        let result = call(&count)
        guard result != 1 else { return count > 0 ? .moved(count) : .end }
        let cause = Errno.last
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .end
        case SSL_ERROR_SYSCALL where cause.code != 0:
            isBroken = true
            return .failed(cause)
        default:
            isBroken = true
            ERR_clear_error()
            return .failed(.connectionAborted)
        }
    }
}
