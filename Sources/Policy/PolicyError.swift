/// What is wrong with a file of policy or of malware; one sentence with its place.
package struct PolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
