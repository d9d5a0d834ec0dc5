import Foundation

/// The tests of the suite that Larder fails on purpose, and why: `deviations.tsv`.
struct Deviations {
    /// The reason for each test's id.
    private(set) var reasons: [String: String] = [:]

    static let all = Result { try Deviations() }

    private init() throws {
        let file = SuiteRun.folder.appending(path: "deviations.tsv")
        var reason = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") { continue }
            if line.hasPrefix("= ") {
                reason = String(line.dropFirst(2))
            } else {
                reasons[String(line)] = reason
            }
        }
    }
}
