/// Some keys of an object, told by their first eight bytes; a few others may pass for them.
///
/// It lets a reader go by a member that is not wanted without leaving its inner loop.
package struct JSONKeyFilter: Sendable, Hashable {
    let bits: UInt64

    /// All keys.
    package static let all = JSONKeyFilter(bits: .max)

    init(bits: UInt64) { self.bits = bits }

    package init(_ names: some Sequence<String>) {
        bits = names.reduce(0) { bits, name in
            let head = name.utf8.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return bits | Self.bit(of: head)
        }
    }

    /// The bit that stands for keys with these first bytes, the first one lowest.
    @inline(__always)
    static func bit(of head: UInt64) -> UInt64 {
        1 &<< ((head &* 0x9E37_79B9_7F4A_7C15) &>> 58)
    }
}
