internal import HTTPModel

/// Builds the header lines of a reply, straight into bytes.
///
/// Values come from closed sets, from our own digests, or were checked to be printable ASCII (rule
/// M5 of the reliability study): what is not is left out and never sent.
struct ReplyFields {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(384)
    }

    mutating func add(_ name: StaticString, _ value: String) {
        let isPrintable = value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable else { return }
        name.description.utf8.forEach { bytes.append($0) }
        bytes.append(0x3A)
        bytes.append(0x20)
        bytes.append(contentsOf: value.utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }
}
