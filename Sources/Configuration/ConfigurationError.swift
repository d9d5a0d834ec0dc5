/// Everything that is wrong with a configuration, in the order it was found; never empty.
///
/// Its description is made for the operator who wrote the file: one line for each problem, with
/// file, line, key and what would be right. Values of secrets and URLs do not appear in it.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package struct Problem: Equatable, Sendable, CustomStringConvertible {
        package let origin: Origin
        /// The full key as in `cache.max_size`; empty when the text as a whole is meant.
        package let key: String
        /// What is wrong and what would be right.
        package let sentence: String

        package var description: String {
            key.isEmpty ? "\(origin.place): \(sentence)" : "\(origin.place): \(key): \(sentence)"
        }
    }

    package let problems: [Problem]

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
