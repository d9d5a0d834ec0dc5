/// A range of a page's bytes in half the room: a page of 10,000 files has more than 100,000 of them.
///
/// A page is far smaller than 4 GiB, where packing would trap.
@propertyWrapper struct PackedRange: Sendable {
    private var start: UInt32
    private var count: UInt32

    init(wrappedValue: Range<Int>) {
        start = UInt32(wrappedValue.lowerBound)
        count = UInt32(wrappedValue.count)
    }

    var wrappedValue: Range<Int> {
        get { Int(start)..<Int(start) &+ Int(count) }
        set { self = PackedRange(wrappedValue: newValue) }
    }
}

/// A ``PackedRange`` that may be absent, in the same room.
@propertyWrapper struct PackedOptionalRange: Sendable {
    private var start = Self.absent
    private var count: UInt32 = 0

    init(wrappedValue: Range<Int>?) {
        guard let range = wrappedValue else { return }
        start = UInt32(range.lowerBound)
        count = UInt32(range.count)
    }

    var wrappedValue: Range<Int>? {
        get { start == Self.absent ? nil : Int(start)..<Int(start) &+ Int(count) }
        set { self = PackedOptionalRange(wrappedValue: newValue) }
    }

    private static let absent = UInt32.max
}
