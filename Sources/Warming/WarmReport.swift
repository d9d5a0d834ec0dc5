/// What a server was found to have, what it fetched, and what it could not.
package struct WarmReport: Sendable, Hashable {
    package struct Count: Sendable, Hashable {
        package var count = 0
        package var byteCount = 0

        mutating func add(_ byteCount: Int) {
            count += 1
            self.byteCount += byteCount
        }
    }

    package struct Failure: Sendable, Hashable {
        package let title: String
        package let reason: String

        package init(title: String, reason: String) {
            self.title = title
            self.reason = reason
        }
    }

    /// Files that were stored before.
    package internal(set) var stored = Count()
    package internal(set) var fetched = Count()
    package internal(set) var failures: [Failure] = []
    /// Files that nobody came to, because the work was broken off.
    package internal(set) var leftCount = 0

    package var isGood: Bool { failures.isEmpty && leftCount == 0 }
}
