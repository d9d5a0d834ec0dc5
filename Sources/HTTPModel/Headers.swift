/// Header fields in the order they came, with lower-case names.
///
/// Small lists only (an upstream's answer has some twenty fields), so look-up is a scan.
package struct Headers: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        /// The field name, lower case.
        package let name: String
        /// The field value without surrounding whitespace.
        package let value: String
    }

    package private(set) var fields: [Field]

    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields.map { Field(name: $0.name.asciiLowercased, value: $0.value) }
    }

    /// Adds a field, keeping others of the same name.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name.asciiLowercased, value: value))
    }

    /// Sets the one value of a field, dropping others of the same name.
    package mutating func replace(_ name: String, _ value: String) {
        let lowercased = name.asciiLowercased
        fields.removeAll { $0.name == lowercased }
        fields.append(Field(name: lowercased, value: value))
    }

    /// Takes away all fields of a name.
    package mutating func remove(_ name: String) {
        let lowercased = name.asciiLowercased
        fields.removeAll { $0.name == lowercased }
    }

    /// The first value of `name` (given in lower case), or nil.
    package subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// Takes away what is meant for the next hop alone: Connection, and the fields that it names
    /// (RFC 9110 section 7.6.1).
    ///
    /// What is for all recipients stays: naming that is a sender's mistake.
    package mutating func removeConnectionFields() {
        guard let options = combined("connection") else { return }
        remove("connection")
        for option in options.split(separator: ",") {
            let name = String(String(option).trimmingWhitespace).asciiLowercased
            if !name.hasPrefix("content-"), !Self.forAll.contains(name) { remove(name) }
        }
    }

    private static let forAll: Set<String> = [
        "cache-control", "etag", "last-modified", "location", "retry-after", "www-authenticate",
    ]

    /// All values of `name` as one list (RFC 9110 section 5.3), or nil when there is none.
    package func combined(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension String {
    /// Lower-cases A to Z and nothing else: protocols do not know Unicode.
    package var asciiLowercased: String {
        guard utf8.contains(where: { (0x41...0x5A).contains($0) }) else { return self }
        return String(
            decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The string without leading and trailing spaces and tabs (OWS, RFC 9110 section 5.6.3).
    package var trimmingWhitespace: Substring {
        var rest = self[...]
        while let first = rest.utf8.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.utf8.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return rest
    }
}
