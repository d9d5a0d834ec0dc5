/// Why a lock file was refused; fixed texts and places, and nothing of what was read.
package enum LockFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Neither the name nor the content is one of a known lock file.
    case unknownKind
    case unreadable
    case tooLarge(limitBytes: Int)
    case notUTF8
    case tooDeep(line: Int)
    /// A line that the format does not allow, or that this reader does not know.
    case line(Int, Problem)
    /// Text of a known format that says something impossible; the offset or line is in the text.
    case malformed(String)
    /// A version of the format that this reader does not know.
    case unknownVersion
    /// A part that every such file has.
    case missing(String)
    /// A file that this one includes.
    case unreadableInclude(line: Int)
    case tooManyIncludes

    package enum Problem: String, Sendable, Hashable {
        case key = "a key is expected here"
        case equals = "\"=\" is expected behind a key"
        case value = "this is no value that is known here"
        case string = "a string does not end, or holds what it may not"
        case multilineString = "strings of several lines are not known here"
        case rest = "something stands behind the end of the value"
        case header = "a table's name does not end"
        case duplicate = "this key stands already above"
        case notATable = "this name is no table"
        case array = "\",\" or \"]\" is expected in a list"
        case inlineTable = "\",\" or \"}\" is expected in a table"
        case entry = "this is no entry that is known here"
        case option = "this option is not known here"
        case hash = "this is no digest that is known"
    }

    package var description: String {
        switch self {
        case .unknownKind:
            "this is no lock file that is known: requirements.txt, uv.lock, poetry.lock, pdm.lock, "
                + "Pipfile.lock, pylock.toml, package-lock.json, npm-shrinkwrap.json, yarn.lock, "
                + "Chart.lock, Chart.yaml, CycloneDX or SPDX as JSON"
        case .unreadable: "cannot be read"
        case .tooLarge(let limit): "larger than \(limit >> 20) MiB"
        case .notUTF8: "this is no UTF-8"
        case .tooDeep(let line): "line \(line): too many levels"
        case .line(let line, let problem): "line \(line): \(problem.rawValue)"
        case .malformed(let place): place
        case .unknownVersion: "this version of the format is not known"
        case .missing(let part): "\(part) is missing"
        case .unreadableInclude(let line): "line \(line): the file that is named cannot be read"
        case .tooManyIncludes: "too many files include each other"
        }
    }
}
