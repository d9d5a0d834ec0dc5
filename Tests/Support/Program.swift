package import Foundation

/// A program that runs to its end: judges that are not Larder's, in the main.
package enum Program {
    /// Runs `words`, a program's name or path and its arguments, and collects what it writes.
    ///
    /// Both streams together; blocks until the end.
    package static func run(_ words: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["--"] + words
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.runAlone()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// Runs a script under the first Python that has `module`: the one on the path, else Debian's.
    package static func run(
        python script: URL, _ arguments: [String], having module: String
    ) throws -> (status: Int32, output: String) {
        for python in ["python3", "/usr/bin/python3"]
        where try run([python, "-I", "-c", "import \(module)"]).status == 0 {
            return try run([python, "-I", script.path()] + arguments)
        }
        return (1, "no Python has \(module): run scripts/setup --tests")
    }
}
