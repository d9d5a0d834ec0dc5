import Foundation
import Support
import Testing

extension EndToEnd {
    /// The hostile upstream as a program, as docs/outages.md has it.
    @Suite(
        .serialized, .enabled(if: Machine.hasHostileUpstream, "hostile-upstream is not built"))
    struct HostileProgram {
        /// The ports in the lines that it begins with.
        private static func ports(_ log: String) -> [Int] {
            log.split(separator: "\n").compactMap { line in
                line.split(whereSeparator: { ":/".contains($0) }).last.flatMap { Int($0) }
            }
        }

        @Test("it serves a folder, fails as told, and says what came", .timeLimit(.minutes(1)))
        func program() async throws {
            let folder = try TemporaryFolder()
            _ = try folder.folder("a")
            _ = try folder.write("<p>a</p>", to: "a/index.html")
            _ = try folder.write("b", to: "b.txt")
            let scratch = try TemporaryFolder()
            let log = scratch.path + "/log"
            let process = try ChildProcess(
                [Machine.hostileUpstream, folder.path, "/a* status=503"], environment: [:],
                folder: scratch.path, log: log)
            let ports = try await eventually("its ports") { () async throws -> [Int]? in
                let bytes = try TemporaryFolder.bytes(of: log)
                let found = Self.ports(String(decoding: bytes, as: UTF8.self))
                return found.count == 2 ? found : nil
            }
            #expect(try await Exchange.get("/a/", from: ports[0]).status == 503)
            #expect(try await Exchange.get("/b.txt", from: ports[0]).text == "b")
            #expect(try await Exchange.get("/none", from: ports[0]).status == 404)
            #expect(try await Exchange.get("/../b.txt", from: ports[0]).status == 404)
            let faults = try await Exchange.get("/faults", from: ports[1])
            #expect(faults.text == "/a* status=503\n")
            let ended = try await Exchange.get("/faults", from: ports[1], method: "DELETE")
            #expect(ended.status == 204)
            #expect(try await Exchange.get("/a/", from: ports[0]).text == "<p>a</p>")
            let ledger = try await Exchange.get("/ledger", from: ports[1]).text
            let targets = ledger.split(separator: "\n").compactMap { $0.split(separator: " ").last }
            #expect(targets == ["/a/", "/b.txt", "/none", "/../b.txt", "/a/"])
            #expect(process.ending == nil)
        }

        @Test("what it does not know it refuses, and names all faults", .timeLimit(.minutes(1)))
        func usage() async throws {
            for words in [[], [".", "/a nonsense"], [".", "--nonsense"], [".", "/a refused"]] {
                let outcome = try await ChildProcess.run([Machine.hostileUpstream] + words)
                #expect(outcome.ending == .exit(2), "\(words)")
                if words.last != "/a refused" { #expect(outcome.output.contains("gzip-bomb")) }
            }
        }
    }
}
