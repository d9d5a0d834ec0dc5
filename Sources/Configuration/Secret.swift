/// A credential: whatever prints it prints `***`, and the text comes out by name only.
package struct Secret: Equatable, Sendable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the request that needs it and for nothing else.
    package func revealed() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }

    // `dump` and test failures read mirrors, not descriptions.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What an upstream asks for.
package enum Credential: Equatable, Sendable {
    /// `Authorization: Bearer`, RFC 6750.
    case token(Secret)
    /// `Authorization: Basic`, RFC 7617.
    case basic(username: String, password: Secret)
}
