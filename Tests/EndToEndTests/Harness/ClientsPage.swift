import Foundation

/// docs/clients.md, as far as it can be run: the blocks that a comment before them marks.
///
/// `<!-- file: NAME PATH -->` is a file of the example NAME, `<!-- run: NAME -->` its commands.
struct ClientsPage: Sendable {
    struct Example: Sendable {
        var files: [(path: String, text: String)] = []
        var commands = ""
    }

    private(set) var examples: [String: Example] = [:]
    /// What stands for the server in the page.
    static let server = "https://larder.example"

    init(_ text: String) {
        var mark: [Substring] = []
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("<!-- "), line.hasSuffix(" -->") {
                mark = line.dropFirst(5).dropLast(4).split(separator: " ")
            } else if line.hasPrefix("```"), let lines = block {
                take(lines.map { "\($0)\n" }.joined(), mark)
                (mark, block) = ([], nil)
            } else if line.hasPrefix("```") {
                block = []
            } else if block != nil {
                block?.append(line)
            }
        }
    }

    static func load() throws -> ClientsPage {
        let bytes = try TemporaryFolder.bytes(of: Machine.project("docs/clients.md"))
        return ClientsPage(String(decoding: bytes, as: UTF8.self))
    }

    private mutating func take(_ text: String, _ mark: [Substring]) {
        guard mark.count >= 2 else { return }
        let name = String(mark[1])
        if mark[0] == "run:" {
            examples[name, default: Example()].commands += text
        } else if mark[0] == "file:", mark.count == 3 {
            examples[name, default: Example()].files.append((String(mark[2]), text))
        }
    }
}
