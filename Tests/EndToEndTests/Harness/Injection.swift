import Foundation
import Support
import Testing

/// A fault that strace puts into system calls of a server.
struct Injection: Sendable, CustomTestStringConvertible {
    /// By comma, as strace takes them.
    let calls: String
    /// As strace has it: `error=ENOSPC`, `signal=KILL`, `delay_enter=300000`.
    let fault: String
    /// The number of the call that it hits, counted for each thread, or with a plus every later one too.
    var when = "1"
    /// Only calls on this file, by its path in the data folder or its whole path.
    var path: String?
    /// Further calls that are written down.
    var traced = ""

    var testDescription: String {
        "\(calls) \(fault) when=\(when)\(path.map { " on \($0)" } ?? "")"
    }

    /// What goes before a server's command line; the server keeps the process's own number.
    func words(writing trace: String, in folder: String) -> [String] {
        // Only where no signal is sent: strace loses those at a stop of seccomp's.
        let isQuick = !fault.hasPrefix("signal")
        let all = traced.isEmpty ? calls : "\(calls),\(traced)"
        return ["strace", "-D", "-f", "-y", "-s", "12", "-o", trace]
            + (isQuick ? ["--seccomp-bpf"] : [])
            + ["-e", "trace=\(all)", "-e", "inject=\(calls):\(fault):when=\(when)"]
            + (path.map { ["-P", $0.hasPrefix("/") ? $0 : "\(folder)/\($0)"] } ?? [])
    }

    static func isPermitted() -> Bool {
        let words = Injection(calls: "fsync", fault: "error=EIO").words(
            writing: "/dev/null", in: "/")
        return (try? ServerProgram.run(words + ["true"])) != nil
    }
}

/// What strace wrote of a server that has ended.
struct Trace: Sendable {
    let lines: [String]

    init(of larder: Larder) async throws {
        let file = larder.traceFile
        let number = "\(larder.process.pid)"
        let text = try await eventually("strace ends", within: 10) {
            let text = String(
                decoding: (try? TemporaryFolder.bytes(of: file)) ?? [], as: UTF8.self)
            let hasEnded = text.split(separator: "\n").contains { line in
                line.hasPrefix(number) && line.hasSuffix("+++")
            }
            return hasEnded ? text : nil
        }
        lines = text.split(separator: "\n").map(String.init)
    }

    /// The calls that failed because strace said so, each with its arguments.
    var injected: [String] {
        lines.indices.filter { lines[$0].hasSuffix("(INJECTED)") }.map { whole(at: $0) }
    }

    /// The calls from which a killed process did not come back, to the end of their arguments.
    var unfinished: [String] {
        lines.indices.filter { lines[$0].hasSuffix("= ?") }.map { whole(at: $0) }
    }

    /// Which numbers the calls had whose arguments have one of the signs, each among the calls of its
    /// own thread, which is how strace counts for `when`.
    func numbers(ofCallsWith signs: [String]) -> [Int] {
        var counts: [Substring: Int] = [:]
        return lines.compactMap { line in
            // Not the ends of calls, of processes, and signals.
            guard let thread = line.split(separator: " ").first, !line.contains("resumed>"),
                !line.contains(" +++"), !line.contains(" ---")
            else { return nil }
            counts[thread, default: 0] += 1
            // What the call changed in an argument comes behind an arrow.
            let asked = line.range(of: " => ").map { line[..<$0.lowerBound] } ?? line[...]
            return signs.contains { asked.contains($0) } ? counts[thread] : nil
        }
    }

    /// A line, behind its beginning where strace wrote other threads' calls in between.
    private func whole(at index: Int) -> String {
        let line = lines[index]
        guard line.contains("resumed>"), let thread = line.split(separator: " ").first else {
            return line
        }
        let start = lines[..<index].last { $0.hasPrefix("\(thread) ") }
        return (start.map { $0 + " " } ?? "") + line
    }

    /// The random names of staged files that a line is about.
    static func stagedName(in line: String) -> String? {
        guard let start = line.range(of: "/staging/") else { return nil }
        return String(line[start.upperBound...].prefix { $0.isHexDigit })
    }
}
