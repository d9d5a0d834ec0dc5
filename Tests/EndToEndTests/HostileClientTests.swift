import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// What clients ask for that is more, other or longer than anybody needs.
    @Suite(.serialized)
    struct HostileClients {
        // MARK: Ranges

        private static let ranges: [String] = [
            "bytes=" + (0..<1_000).map { "\($0)-\($0)" }.joined(separator: ","),
            "bytes=" + Array(repeating: "0-", count: 1_000).joined(separator: ","),
            "bytes=" + (0..<1_000).map { "0-\($0 * 50)" }.joined(separator: ", "),
            "bytes=" + Array(repeating: "-1", count: 1_000).joined(separator: ","),
            "bytes=9-3", "bytes=70000-1", "bytes=-0", "bytes=-", "bytes=", "bytes=0-0,",
            "bytes=,0-0",
            "bytes=99999999999999999999999999-", "bytes=0-99999999999999999999999999",
            "bytes=-99999999999999999999999999", "bytes=18446744073709551615-18446744073709551616",
            "bytes=9223372036854775807-9223372036854775807", "bytes=70003-", "bytes=70004-",
            "bytes=0x0-0x9", "bytes=+1-2", "bytes=1 - 2", "bytes=1-2-3", "bytes = 1-2", "lines=1-2",
            "bytes=0-0\tbytes=1-1", "BYTES=0-0", "bytes=\u{661}-\u{662}",
        ]

        @Test(
            "H-5: ranges by the thousand, overlapping, reversed, huge: at most the file",
            .timeLimit(.minutes(2)))
        func ranges() async throws {
            let bed = try ThreeSites()
            let larder = try await bed.home.start()
            for site in bed.sites { #expect(try await larder.get(site.held.file).isGood) }
            for site in bed.sites {
                for range in Self.ranges {
                    for method in ["GET", "HEAD"] {
                        let got = try await Exchange.get(
                            site.held.file, from: larder.port, fields: ["Range: \(range)"],
                            method: method, within: 20)
                        let place = "\(method) \(range.prefix(60)): \(got.testDescription)"
                        #expect([200, 206, 416].contains(got.status), "\(place)")
                        #expect(got.headers["content-type"]?.contains("multipart") != true)
                        let most = method == "HEAD" ? 0 : 2 * site.heldFile.count
                        #expect(got.body.count <= most, "\(place)")
                        guard got.status == 200, method == "GET" else { continue }
                        #expect(got.body == site.heldFile, "\(place)")
                    }
                }
            }
        }

        // MARK: Bodies and other protocols

        struct Pipeline: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// The first request's fields; after it and its body comes another one.
            let fields: [String]
            var body = ""
            var method = "GET"
            /// The statuses of all answers.
            let statuses: [Int]
        }

        static let pipelines: [Pipeline] = [
            Pipeline(
                testDescription: "a body that looks like a request",
                fields: ["Content-Length: 40"],
                body: "GET /healthz HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
                statuses: [200, 200]),
            Pipeline(
                testDescription: "a chunked body that holds a request",
                fields: ["Transfer-Encoding: chunked"],
                body: "20\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n0\r\n\r\n",
                statuses: [200, 200]),
            Pipeline(
                testDescription: "a body that is longer than what is read away",
                fields: ["Content-Length: 65537"], body: String(repeating: "x", count: 65_537),
                statuses: [200]),
            Pipeline(
                testDescription: "Upgrade to WebSocket",
                fields: [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                ], statuses: [200, 200]),
            Pipeline(
                testDescription: "Upgrade to HTTP/2",
                fields: [
                    "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                    "HTTP2-Settings: AAMAAABk",
                ], statuses: [200, 200]),
            Pipeline(
                testDescription: "a body that is announced and not sent",
                fields: ["Expect: 100-continue", "Content-Length: 5"], statuses: [200]),
            Pipeline(
                testDescription: "an expectation without a body",
                fields: ["Expect: 100-continue"], statuses: [200, 200]),
            Pipeline(testDescription: "TRACE", fields: [], method: "TRACE", statuses: [405, 200]),
        ]

        @Test("H-6: a hit with a body, or with another protocol: each request has one answer")
        func pipelined() async throws {
            let bed = try ThreeSites()
            let larder = try await bed.home.start()
            let target = bed.sites[0].held.document
            #expect(try await larder.get(target).isGood)
            let port = larder.port
            for row in Self.pipelines {
                let head =
                    ["\(row.method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + row.fields
                let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                let text = (head + ["", ""]).joined(separator: "\r\n") + row.body + last
                let got = try await onThread {
                    try RawConnection.answers(to: Array(text.utf8), from: port, patience: 5_000)
                }
                #expect(RawConnection.statuses(in: got) == row.statuses, "\(row.testDescription)")
            }
        }

        // MARK: Log

        /// What no line of the log, no answer and no metric may hold.
        private static let secrets = [
            "s3cr3t-query", "s3cr3t-basic", "s3cr3t-field", "s3cr3t-user",
        ]

        private static let nasty: [(target: String, fields: [String])] = [
            ("/pypi/simple/a\u{1B}[31mred/", []), ("/pypi/simple/a%1b%5b31m/", []),
            ("/pypi/simple/a%0d%0aevent:x/", []), ("/pypi/simple/a%E2%80%AEb/", []),
            ("/npm/a%22%2c%22level%22%3a%22error", []), ("/npm/%F0%9F%92%A9", []),
            ("/pypi/simple/held/?token=s3cr3t-query", []),
            ("http://u:s3cr3t-user@127.0.0.1/pypi/simple/held/", []),
            ("/pypi/simple/u:name@held/", []),
            ("/pypi/simple/held/", ["Authorization: Basic dTpzM2NyM3QtYmFzaWM="]),
            ("/npm/held", ["Authorization: Bearer s3cr3t-basic", "Cookie: a=s3cr3t-field"]),
            ("/npm/held", ["Proxy-Authorization: Bearer s3cr3t-field", "npm-otp: s3cr3t-field"]),
            (
                "/pypi/simple/held/",
                ["User-Agent: pip\u{1B}[2J", "Referer: https://a/?s3cr3t-query"]
            ),
            ("/pypi/simple/held/", ["User-Agent: " + String(repeating: "\u{1}", count: 500)]),
            ("/pypi/simple/held/", ["User-Agent: " + String(repeating: "u", count: 1 << 20)]),
            ("/" + String(repeating: "p", count: 1 << 20), []),
            ("/npm/" + String(repeating: "p", count: 8_000), []),
            (
                "/pypi/simple/held/",
                ["X-Forwarded-For: \u{1B}[31m, 10.0.0.1", "X-Request-Id: a\tb"]
            ),
            ("/pypi/simple/held/", ["X-Request-Id: " + String(repeating: "i", count: 30_000)]),
        ]

        @Test("H-9: control characters, long values and secrets: the log stays lines of JSON")
        func log() async throws {
            let bed = try ThreeSites()
            let larder = try await bed.home.start()
            var answers: [String] = []
            for row in Self.nasty {
                let port = larder.port
                let lines = ["GET \(row.target) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + row.fields
                let text = (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
                let got = try await onThread {
                    try RawConnection.answers(to: Array(text.utf8), from: port, patience: 5_000)
                }
                answers.append(String(decoding: got, as: UTF8.self))
                #expect(RawConnection.statuses(in: got).count == 1, "\(row.target.prefix(60))")
            }
            answers.append(try await larder.get("/metrics").text)
            #expect(try await larder.stop() == .exit(0))
            let lines = larder.log.split(separator: "\n", omittingEmptySubsequences: true)
            #expect(lines.count >= 2)
            for line in lines {
                let fields = try? JSONSerialization.jsonObject(with: Foundation.Data(line.utf8))
                #expect(fields is [String: Any], "\(line.prefix(200))")
                #expect(line.utf8.count < 8_192, "\(line.prefix(200))")
                let hasControl = line.unicodeScalars.contains { scalar in
                    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
                        || (0x202A...0x202E).contains(scalar.value)
                }
                #expect(!hasControl, "\(line.prefix(200))")
            }
            for text in answers + [larder.log] {
                for secret in Self.secrets + ["dTpzM2NyM3QtYmFzaWM"] {
                    #expect(!text.contains(secret), "\(secret): \(text.prefix(300))")
                }
            }
        }

        // MARK: Methods

        @Test("H-10: writing methods on every route, HEAD on folders: nothing is created")
        func methods() async throws {
            let bed = try ThreeSites()
            let larder = try await bed.home.start()
            for site in bed.sites {
                #expect(try await larder.get(site.held.document).isGood)
                #expect(try await larder.get(site.held.file).isGood)
                try await larder.settle(site.held.file)
            }
            try await bed.home.settleStaging("H-10")
            let files = Set(TemporaryFolder.files(below: bed.home.store + "/blobs"))
            let rows = try await Self.rowCount(bed.home)
            let asked = bed.requestCount
            let targets =
                bed.sites.flatMap {
                    [$0.held.document, $0.held.file, $0.cold.document, $0.cold.file]
                }
                + [
                    "/", "/healthz", "/metrics", "/nowhere", "/pypi/simple/", "/pypi/", "/npm/",
                    "/helm/", "/npm/-/package/held/dist-tags/latest",
                    "/npm/-/user/org.couchdb.user:a",
                    "/npm/held/-rev/1", "/pypi/legacy/", "/helm/api/charts",
                    "/helm/held/api/charts",
                ]
            for target in targets {
                for method in ["PUT", "POST", "DELETE", "PATCH", "MKCOL", "PROPFIND", "LOCK"] {
                    let got = try await Exchange.get(
                        target, from: larder.port, fields: ["Content-Length: 0"], method: method,
                        within: 20)
                    let place = "\(method) \(target): \(got.testDescription)"
                    #expect([404, 405].contains(got.status), "\(place)")
                    #expect(got.status != 405 || got.headers["allow"] != nil, "\(place)")
                }
            }
            for target in [
                "/pypi/packages/", "/pypi/", "/pypi", "/npm/held/-/", "/npm/@scope/",
            ] {
                let got = try await Exchange.get(target, from: larder.port, method: "HEAD")
                #expect([301, 302, 307, 308, 400, 404].contains(got.status), "\(target) \(got)")
            }
            #expect(Set(TemporaryFolder.files(below: bed.home.store + "/blobs")) == files)
            #expect(bed.requestCount == asked)
            #expect(try await Self.rowCount(bed.home) == rows)
        }

        /// Rows of all that is stored, read from the database beside the server.
        private static func rowCount(_ home: LarderHome) async throws -> String {
            let program = """
                import sqlite3, sys
                c = sqlite3.connect(sys.argv[1])
                for t in ("responses", "documents", "facts", "pins", "acceptances", "changes", "drills"):
                    print(t, c.execute("SELECT count(*) FROM " + t).fetchone()[0])
                """
            let outcome = try await ChildProcess.run(
                ["python3", "-c", program, home.store + "/larder.sqlite"])
            try #require(outcome.isGood, "\(outcome.output)")
            return outcome.output
        }
    }
}
