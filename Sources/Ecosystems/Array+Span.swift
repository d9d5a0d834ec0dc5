extension [UInt8] {
    /// Appends a copy of `bytes`.
    ///
    /// Half the price of appending a slice, which is counted as an owner and released again; that
    /// matters where a document is written in pieces of a few dozen bytes.
    package mutating func append(copying bytes: Span<UInt8>) {
        append(addingCapacity: bytes.count) { room in
            for index in 0..<bytes.count { room.append(bytes[index]) }
        }
    }
}
