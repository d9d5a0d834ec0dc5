import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Requests and settings that are wrong.
    @Suite(.serialized)
    struct BadInput {
        static let targets: [String] = [
            "/pypi/simple/-flask/", "/pypi/simple/flask-/", "/pypi/simple/fl%20ask/",
            "/pypi/simple/fl%C3%A4sk/", "/pypi/simple/a*b/", "/pypi/simple/%25/",
            "/pypi/simple/../simple/flask/", "/pypi/simple/./flask/",
            "/pypi/simple/%2e%2e/flask/", "/pypi/simple/..%2fflask/",
            "/pypi/packages/../../etc/passwd", "/pypi/packages/%2e%2e/%2e%2e/etc/passwd",
            "/pypi/packages/aa/..%2f..%2fetc/passwd", "/pypi/packages/..%5c..%5cetc/x-1.0.zip",
            "/pypi/packages/%252e%252e/x-1.0.tar.gz", "/pypi/packages/aa/%2541-1.0.tar.gz",
            "/pypi/simple/%2566lask/", "/pypi/simple/fl%00ask/", "/pypi/simple/flask%00/",
            "/pypi/packages/aa/bb/cc/x-1.0.tar.gz%00", "/pypi//simple/flask/",
            "/pypi/simple//flask/", "//pypi/simple/flask/", "/pypi/packages//x-1.0.tar.gz",
            "/pypi/simple/flask/%", "/pypi/simple/fl%zzask/", "/pypi/simple/flask;x=1/",
            "/pypi/simple/flask/more/", "/pypi/unknown/flask/", "/nothing/here/",
            "http://index.example/simple/flask/", "*",
        ]

        @Test("400 or 404 without a question upstream", .timeLimit(.minutes(1)))
        func targets() async throws {
            let upstream = try Upstream()
            upstream.origin.fallback { _, _ in .text("no", type: "text/html") }
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            let before = Set(TemporaryFolder.files(below: home.store))
            for target in Self.targets {
                let exchange = try await larder.get(target)
                #expect([400, 404].contains(exchange.status), "\(target): \(exchange.status)")
                #expect(!exchange.body.isEmpty, "\(target)")
            }
            #expect(upstream.ledger.connectionCount == 0, "\(upstream.ledger.requests)")
            #expect(Set(TemporaryFolder.files(below: home.store)) == before)
            #expect(try await larder.get("/healthz").status == 200)
        }

        static let writes: [(method: String, target: String)] = [
            ("PUT", "/pypi/simple/flask/"), ("POST", "/pypi/legacy/"), ("DELETE", "/nothing"),
            ("POST", "/"), ("PUT", "/healthz"), ("POST", "/readyz"), ("POST", "/metrics"),
        ]

        @Test("a method that writes: refused with Allow, before its body has come")
        func writing() async throws {
            let upstream = try Upstream()
            let larder = try await LarderHome(upstream: upstream.index).start()
            for (method, target) in Self.writes {
                for length in [40, 1 << 30] {
                    let exchange = try await Exchange.get(
                        target, from: larder.port, fields: ["Content-Length: \(length)"],
                        method: method, within: 30)
                    guard target != "/nothing" else {
                        #expect(exchange.status == 404)
                        continue
                    }
                    #expect(exchange.status == 405, "\(method) \(target)")
                    #expect(exchange.headers["allow"]?.hasPrefix("GET, HEAD") == true, "\(target)")
                }
            }
            #expect(upstream.ledger.connectionCount == 0)
        }

        @Test("an unknown project: 404 that names the upstream, and is remembered")
        func unknownProject() async throws {
            let upstream = try Upstream()
            let larder = try await LarderHome(upstream: upstream.index).start()
            for _ in 0..<3 {
                let exchange = try await larder.get("/pypi/simple/nowhere/")
                #expect(exchange.status == 404)
                #expect(exchange.text.contains("upstream"), "\(exchange.text)")
                #expect(exchange.text.contains("404"), "\(exchange.text)")
            }
            #expect(upstream.ledger.count(Upstream.page("nowhere")) == 1)
            let file = try await larder.get("/pypi/packages/aa/bb/cc/nowhere-1.0-py3-none-any.whl")
            #expect(file.status == 404)
        }

        @Test("a file that its project's page does not list: 404")
        func unlisted() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("listed", Pattern(byteCount: 1_000))
            let larder = try await LarderHome(upstream: upstream.index).start()
            let other = file.target.replacingOccurrences(of: "listed-1.0", with: "listed-1.1")
            #expect(try await larder.get(other).status == 404)
            #expect(upstream.asked(below: "/packages/").isEmpty)
        }

        // MARK: Starts that fail

        private static func expectRefusal(
            _ home: LarderHome, port: Int = 0, naming word: String
        ) async throws {
            let (ending, lines) = try await home.refusal(port: port)
            #expect(ending == .exit(2))
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.first?.contains(word) == true, "\(lines)")
        }

        @Test("a port in use: one line, exit status 2")
        func portInUse() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            let port = upstream.origin.port
            try await Self.expectRefusal(home, port: port, naming: "\(port)")
        }

        @Test("a data folder below a regular file: one line, exit status 2")
        func impossibleFolder() async throws {
            let scratch = try TemporaryFolder()
            let file = try scratch.write("a file", to: "file")
            let home = try LarderHome(upstream: nil, store: file + "/data")
            try await Self.expectRefusal(home, naming: file)
        }

        @Test(
            "a data folder on a read-only file system: one line, exit status 2",
            .enabled(if: Machine.canMount, "mounting a file system is not permitted"))
        func readOnlyFolder() async throws {
            let mount = try MountedFolder(mebibytes: 1)
            try mount.makeReadOnly()
            let home = try LarderHome(upstream: nil, store: mount.path + "/data")
            try await Self.expectRefusal(home, naming: mount.path)
        }

        @Test("a data folder that another process uses: one line, exit status 2")
        func folderInUse() async throws {
            let upstream = try Upstream()
            let home = try LarderHome(upstream: upstream.index)
            let larder = try await home.start()
            try await Self.expectRefusal(home, naming: home.store)
            #expect(try await larder.get("/healthz").status == 200)
        }

        @Test("a configuration with an unknown key: where it is, exit status 2")
        func unknownKey() async throws {
            let home = try LarderHome(upstream: nil, settings: "lisen: 127.0.0.1:0\n")
            let (ending, lines) = try await home.refusal()
            #expect(ending == .exit(2))
            #expect(lines.joined().contains("lisen"))
            #expect(lines.joined().contains("larder.yaml:2"), "\(lines)")
        }
    }
}
