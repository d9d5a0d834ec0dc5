/// Everything that settings are made from; reading them touches nothing else.
package struct ConfigurationSource: Sendable {
    /// The operator's file, when there is one.
    package var file: File?
    package var environment: [String: String]
    /// Values from the command line, which win over the file: key, option and text.
    package var options: [Option]
    /// The absolute folder at which relative paths start.
    package var workingFolder: String
    /// The text of a file that holds a secret; `nil` when it cannot be read.
    package var readSecret: @Sendable (_ path: String) -> String?

    package struct File: Equatable, Sendable {
        /// As the operator wrote it; it stands in every message.
        package let name: String
        package let bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    package struct Option: Equatable, Sendable {
        package let key: String
        /// As `--listen`.
        package let name: String
        package let text: String

        package init(key: String, name: String, text: String) {
            self.key = key
            self.name = name
            self.text = text
        }
    }

    package init(
        file: File? = nil, environment: [String: String] = [:], options: [Option] = [],
        workingFolder: String = "/",
        readSecret: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.file = file
        self.environment = environment
        self.options = options
        self.workingFolder = workingFolder
        self.readSecret = readSecret
    }
}
