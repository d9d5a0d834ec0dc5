/// What of a document tells whether a version of it is older or smaller than another one.
package struct DocumentMarks: Sendable, Hashable {
    /// How many things it lists.
    package var entryCount: Int?
    /// A number that grows with every change upstream.
    package var serial: Int64?
    /// When the upstream changed it last, in seconds since 1970.
    package var modifiedAt: Int64?
    /// Whether it says that the upstream took the project down.
    package var isTakedown: Bool

    package init(
        entryCount: Int? = nil, serial: Int64? = nil, modifiedAt: Int64? = nil,
        isTakedown: Bool = false
    ) {
        self.entryCount = entryCount
        self.serial = serial
        self.modifiedAt = modifiedAt
        self.isTakedown = isTakedown
    }
}

/// Why a version of a document does not take the place of the one that is held.
package enum Regression: String, Sendable, Hashable {
    /// More than half of its entries are gone.
    case shrunk
    /// Its serial or its time is before that of the held one: a node that lags behind answered.
    case older
    /// It is no document of this registry, or of another project.
    case invalid
}

/// Whether a new version of a document may replace a good one unasked.
///
/// Source: rule M4 of the reliability study.
package enum RegressionRule {
    package enum Verdict: Sendable, Hashable {
        case take
        case holdBack(Regression)
    }

    /// Judges by what both versions say; what only one of them says counts for nothing.
    ///
    /// A serial decides alone where both have one: times of registries may be set by hand. A takedown
    /// is always taken: it is short, and sometimes dated back.
    package static func verdict(held: DocumentMarks, new: DocumentMarks) -> Verdict {
        guard !new.isTakedown else { return .take }
        if let old = held.serial, let serial = new.serial {
            if serial < old { return .holdBack(.older) }
        } else if let old = held.modifiedAt, let modifiedAt = new.modifiedAt, modifiedAt < old {
            return .holdBack(.older)
        }
        // Not `2 * new`, which could overflow; counts are not negative.
        if let old = held.entryCount, let count = new.entryCount, count < old - count {
            return .holdBack(.shrunk)
        }
        return .take
    }
}
