package import Backends

/// How far a long piece of work is.
package struct UpkeepProgress: Sendable, Hashable {
    /// What is done, as a lower-case phrase: `reading files`.
    package var phase: String
    package var count = 0
    package var byteCount = 0
    /// About how much there is in all; nil where nobody knows.
    package var totalCount: Int?
    package var totalByteCount: Int?

    package init(phase: String, totalCount: Int? = nil, totalByteCount: Int? = nil) {
        self.phase = phase
        self.totalCount = totalCount
        self.totalByteCount = totalByteCount
    }
}

/// Those who are told how far the work is, and what it finds; called often, on the work's own task.
package struct UpkeepWatch: Sendable {
    package let progress: @Sendable (UpkeepProgress) -> Void
    /// Takes one line about one thing.
    package let finding: @Sendable (String) -> Void

    package init(
        progress: @escaping @Sendable (UpkeepProgress) -> Void = { _ in },
        finding: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.progress = progress
        self.finding = finding
    }
}

/// A place where blobs are, and how it is called.
package struct BlobPlace: Sendable {
    package let name: String
    package let inventory: any BlobInventory
    /// Whether every replica has one of its own, so that a row need not have its blob there.
    package let isTier: Bool
    /// A bucket has no renderings, which are in the folders before it.
    package let isBucket: Bool

    package init(
        name: String, inventory: any BlobInventory, isTier: Bool = false, isBucket: Bool = false
    ) {
        self.name = name
        self.inventory = inventory
        self.isTier = isTier
        self.isBucket = isBucket
    }
}
