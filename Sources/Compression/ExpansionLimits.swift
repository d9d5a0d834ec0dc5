/// How far a gzip stream of somebody else may expand.
package struct ExpansionLimits: Hashable, Sendable {
    /// The longest output in bytes.
    package let outputByteCount: Int
    /// The most output bytes for each input byte, judged only past ``judgedFromByteCount``.
    package let ratio: Int
    /// Output in bytes from which the ratio counts; short repetitive documents are no bombs.
    package let judgedFromByteCount: Int

    package init(
        outputByteCount: Int, ratio: Int = 100, judgedFromByteCount: Int = 1 << 20
    ) {
        precondition(outputByteCount >= 0 && ratio > 0 && judgedFromByteCount >= 0)
        self.outputByteCount = outputByteCount
        self.ratio = ratio
        self.judgedFromByteCount = judgedFromByteCount
    }
}
