/// The whole body of a request as it came, its coding included.
///
/// Its bytes count against the server's budget as long as anyone holds it.
package struct RequestBody: Sendable {
    package let bytes: [UInt8]
    private let lease: ByteLease?

    package init(_ bytes: [UInt8], lease: ByteLease? = nil) {
        self.bytes = bytes
        self.lease = lease
    }
}
