/// A digest computation over one body, fed in pieces as the body arrives.
///
/// It cannot be copied, because libcrypto's context is mutable state with one owner; the context
/// is freed on every path, a throw half-way through a fill included.
package struct Hasher: ~Copyable {
    private let context: DigestContext

    /// - Throws: ``DigestError/algorithmUnavailable(_:)`` where libcrypto refuses it.
    package init(_ algorithm: DigestAlgorithm) throws(DigestError) {
        context = try DigestContext(algorithm)
    }

    /// Adds `bytes` to the computation, without copying them.
    package mutating func update(_ bytes: Span<UInt8>) {
        context.update(bytes)
    }

    /// Adds `bytes` to the computation, without copying them.
    package mutating func update(_ bytes: [UInt8]) {
        context.update(bytes.span)
    }

    /// Ends the computation; `consuming` makes a second call a compile-time error.
    package consuming func finish() -> Digest {
        context.finish()
    }
}

// The one owner may move between threads: nothing else holds the context, and libcrypto ties
// none to a thread.
extension Hasher: @unchecked Sendable {}
