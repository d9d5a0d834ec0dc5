/// What an ecosystem adds to the answers below its mounts.
package struct ReplyExtras: Sendable {
    package struct Field: Sendable {
        package let name: StaticString
        /// Printable ASCII.
        package let value: String

        package init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// On every answer, whatever its status.
    package let fields: [Field]
    /// The upstream's fields of a document that are kept with it and sent with each rendering of it,
    /// and with the 304 for one; spelled as they are sent.
    package let passed: [StaticString]
    /// What the 204 for OPTIONS says; nil where OPTIONS is no method.
    package let options: [Field]?

    package init(
        fields: [Field] = [], passed: [StaticString] = [], options: [Field]? = nil
    ) {
        self.fields = fields
        self.passed = passed
        self.options = options
    }
}
