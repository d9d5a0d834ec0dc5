import Support

/// What the program was started with.
struct Arguments {
    let folder: String
    private(set) var port: UInt16 = 0
    private(set) var controlPort: UInt16 = 0
    /// Each a pattern of paths, a space, and a fault's words.
    private(set) var faults: [String] = []

    static let usage = """
        usage: hostile-upstream FOLDER [--port N] [--control N] ['PATTERN FAULT' …]

        Serves FOLDER on 127.0.0.1 and fails as it is told. PATTERN is a path, or the beginning of
        paths with a star behind it. FAULT is one of
          \(Fault.words.joined(separator: "\n  "))
          file=PATH

        On the control port: PUT /faults with 'PATTERN FAULT' sets one, DELETE /faults ends all,
        GET /faults lists them, GET /ledger lists the requests that came.
        """

    init(_ words: [String]) throws(Refusal) {
        var rest = words[...]
        guard let folder = rest.popFirst(), !folder.hasPrefix("-") else {
            throw Refusal(description: Self.usage)
        }
        self.folder = folder
        while let word = rest.popFirst() {
            switch word {
            case "--port": port = try Self.number(&rest)
            case "--control": controlPort = try Self.number(&rest)
            default:
                guard !word.hasPrefix("-") else { throw Refusal(description: Self.usage) }
                faults.append(word)
            }
        }
    }

    private static func number(_ rest: inout ArraySlice<String>) throws(Refusal) -> UInt16 {
        guard let word = rest.popFirst(), let number = UInt16(word) else {
            throw Refusal(description: Self.usage)
        }
        return number
    }
}
