/// One thing that was measured.
struct Figure: Encodable, Sendable {
    /// What must hold for the figure to be good enough.
    enum Goal: Sendable {
        case atLeast(Double)
        case atMost(Double)
        case exactly(Double)
    }

    let name: String
    let value: Double
    let unit: String
    let goal: Goal?
    /// Whether a missed goal is told and nothing else.
    let mayMiss: Bool

    init(
        _ name: String, _ value: Double, _ unit: String, goal: Goal? = nil, mayMiss: Bool = false
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.goal = goal
        self.mayMiss = mayMiss
    }

    /// Nil without a goal.
    var isGood: Bool? {
        switch goal {
        case nil: nil
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        case .exactly(let bound): value == bound
        }
    }

    var goalText: String {
        switch goal {
        case nil: ""
        case .atLeast(let bound): "at least \(Self.text(bound))"
        case .atMost(let bound): "at most \(Self.text(bound))"
        case .exactly(let bound): "exactly \(Self.text(bound))"
        }
    }

    /// Two decimals for what is small, none for what is large.
    static func text(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e9 { return "\(Int(value))" }
        let scale = abs(value) < 10 ? 100.0 : abs(value) < 100 ? 10 : 1
        let rounded = (value * scale).rounded() / scale
        return scale == 1 ? "\(Int(rounded))" : "\(rounded)"
    }

    private enum CodingKeys: String, CodingKey { case name, value, unit, goal, isGood, mayMiss }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        if goal != nil { try container.encode(goalText, forKey: .goal) }
        try container.encodeIfPresent(isGood, forKey: .isGood)
        if mayMiss { try container.encode(mayMiss, forKey: .mayMiss) }
    }
}
