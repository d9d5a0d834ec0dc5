internal import CYAML

/// The text that one parser reads, and how far it may read for now.
///
/// Used by the parser's thread only.
final class YAMLSource {
    let bytes: [UInt8]
    /// Whether the parser wanted more than it was allowed, and was stopped.
    private(set) var isBeyondLimit = false
    /// Where the text begins, behind a byte order mark.
    let start: Int
    private var offset: Int
    private var end = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // With a given encoding libyaml counts a byte order mark as a column.
        offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        start = offset
    }

    /// Lets the parser read `count` bytes on from where it is.
    func allow(_ count: Int) {
        end = bytes.count - offset > count ? offset + count : bytes.count
    }

    /// Copies the next bytes; nil when the parser may not read on.
    fileprivate func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard offset < end || end == bytes.count else {
            isBeyondLimit = true
            return nil
        }
        let count = min(buffer.count, end - offset)
        unsafe bytes[offset..<offset + count].withUnsafeBufferPointer { piece in
            _ = unsafe buffer.update(fromContentsOf: piece)
        }
        offset += count
        return count
    }
}

/// libyaml's read callback: 1 for a piece (an empty one is the end), 0 for an error.
func readYAMLPiece(
    context: UnsafeMutableRawPointer?, buffer: UnsafeMutablePointer<UInt8>?, size: Int,
    count: UnsafeMutablePointer<Int>?
) -> Int32 {
    guard let context = unsafe context, let buffer = unsafe buffer, let count = unsafe count else {
        return 0
    }
    let source = unsafe Unmanaged<YAMLSource>.fromOpaque(context).takeUnretainedValue()
    let space = unsafe UnsafeMutableBufferPointer(start: buffer, count: size)
    guard let read = unsafe source.read(into: space) else { return 0 }
    unsafe count.pointee = read
    return 1
}
