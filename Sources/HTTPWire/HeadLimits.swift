/// How much of a request head is read before it is refused (rule F3 of the reliability study).
package struct HeadLimits: Sendable, Hashable {
    /// Bytes of the request line without its CRLF.
    package var requestLineByteCount = 8_192
    /// Bytes of all header lines, CRLFs included.
    package var fieldsByteCount = 32_768
    package var fieldCount = 100

    package init() {}
}
