internal import Linux
internal import TLS

/// Bytes in and out, through TLS where the connection has it.
extension Connection {
    func receive(into buffer: inout [UInt8]) -> Socket.Transfer {
        guard let session else { return socket.receive(into: &buffer) }
        return session.receive(into: &buffer)
    }

    func send(_ head: Span<UInt8>) -> Socket.Transfer {
        guard let session else { return socket.send(head, then: .nothing) }
        return session.send(head, Span())
    }

    func send(_ head: Span<UInt8>, _ body: Span<UInt8>) -> Socket.Transfer {
        guard let session else { return socket.send(head, body, then: .nothing) }
        return session.send(head, body)
    }

    /// The longest file that is sent out of its mapping.
    ///
    /// TLS reads the bytes itself, and where the disk fails, that is a signal and no error: what is short
    /// was read in one go before, and what is longer is read by the kernel.
    var largestLentByteCount: Int {
        session == nil ? OpenFile.largestMappedByteCount : OpenFile.largestShortByteCount
    }

    /// Sends a head, and then a part of a file that is not mapped; perhaps the head alone.
    func send(
        _ head: Span<UInt8>, _ file: OpenFile, at offset: Int, count: Int
    ) -> Socket.Transfer {
        guard let session else {
            guard head.isEmpty else { return socket.send(head, then: .more) }
            return socket.sendFile(file, at: offset, count: count)
        }
        return session.send(head, file, at: offset, count: count)
    }

    /// Ends our side, now or once the socket has room; the peer can still send.
    func endSending() {
        owesEnd = session?.endSending() == false
        if !owesEnd { socket.endSending() }
    }
}
