import Foundation

/// What a server's processes have used, from the kernel's figures.
struct ProcessUse {
    /// User and system time of the process and those that it has started.
    var processorSeconds = 0.0
    /// Memory that belongs to no file, of all these processes together.
    var anonymousByteCount = 0

    /// Of `process` and its children.
    init(of process: Int32) {
        for number in [process] + Self.children(of: process) {
            let folder = "/proc/\(number)"
            // Behind the name, which may hold anything, come the fields from the third on (proc(5)).
            let words =
                Self.text("\(folder)/stat").split(separator: ")").last?
                .split(separator: " ").map(String.init) ?? []
            guard words.count > 13, let user = Double(words[11]), let system = Double(words[12])
            else { continue }
            processorSeconds += (user + system) / 100
            anonymousByteCount += Self.kibibytes("RssAnon:", "\(folder)/status") << 10
        }
    }

    private static func children(of process: Int32) -> [Int32] {
        text("/proc/\(process)/task/\(process)/children").split(separator: " ")
            .compactMap { Int32($0) }
    }

    private static func kibibytes(_ field: String, _ path: String) -> Int {
        let line = text(path).split(separator: "\n").first { $0.hasPrefix(field) }
        let words = line?.split { $0 == " " || $0 == "\t" } ?? []
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
