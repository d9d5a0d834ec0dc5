/// Where a setting's value came from.
package enum Origin: Equatable, Sendable {
    case builtIn(line: Int)
    case file(String, line: Int)
    /// A variable that a text mentions; `file` is that text's name, the built-in default's included.
    case variable(String, file: String, line: Int)
    case option(String)

    /// The name under which the built-in default stands where others have a file name.
    package static let builtInName = "built-in default"
}

extension Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtIn: Self.builtInName
        case .file(let name, let line): "\(name):\(line)"
        case .variable(let variable, Self.builtInName, _): "variable \(variable)"
        case .variable(let variable, let file, let line): "variable \(variable) in \(file):\(line)"
        case .option(let option): "option \(option)"
        }
    }

    /// The same with file and line in every case that has them, for somebody who has to go there.
    package var place: String {
        switch self {
        case .builtIn(let line): "\(Self.builtInName):\(line)"
        case .file(let name, let line): "\(name):\(line)"
        case .variable(let variable, let file, let line): "\(file):\(line) (variable \(variable))"
        case .option(let option): "option \(option)"
        }
    }
}
