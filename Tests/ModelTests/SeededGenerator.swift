/// SplitMix64: small, fast, and the same numbers on every machine.
///
/// Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (2014).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number from 0 to one less than `limit`, which is 1 or more.
    mutating func below(_ limit: Int) -> Int {
        Int(next() % UInt64(limit))
    }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// One of the values, of which there is one at least.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// One of the values, as often as its weight says.
    mutating func pick<Value>(weighted values: [(weight: Int, value: Value)]) -> Value {
        var rest = below(values.reduce(0) { $0 + $1.weight })
        for (weight, value) in values {
            if rest < weight { return value }
            rest -= weight
        }
        return values[0].value
    }
}
