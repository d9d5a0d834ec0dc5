import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// The log's line of each request.
    @Suite(.serialized)
    struct RequestLog {
        private static func line(
            _ key: String, of larder: Larder
        ) async throws -> [String: String] {
            try await eventually("the line of \(key)") {
                larder.events("request").last { $0["key"]?.contains(key) == true }
            }
        }

        @Test("who asked for what, with an id that the client gets, too", .timeLimit(.minutes(1)))
        func fields() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("project", Pattern(byteCount: 10_000, seed: 1))
            let larder = try await LarderHome(upstream: upstream.index).start()
            #expect(try await larder.get("/pypi/simple/project/").isGood)
            let answer = try await larder.get(
                file.target, fields: ["X-Request-Id: mine", "X-Forwarded-For: 192.0.2.9"])
            let line = try await Self.line(file.name, of: larder)
            #expect(line["client"] == "127.0.0.1")
            #expect(line["method"] == "GET" && line["status"] == "200")
            #expect(line["ecosystem"] == "pypi" && line["bytes"] == "10000")
            #expect(line["cache"]?.hasPrefix("larder; fwd=uri-miss") == true)
            #expect(line["tries"] == "1")
            #expect(line["ms"].flatMap { Double($0) } != nil)
            #expect(line["id"] != "mine" && line["id"]?.utf8.count == 15)
            #expect(answer.headers["x-request-id"] == line["id"])
            let ids = larder.events("request").compactMap { $0["id"] }
            #expect(Set(ids).count == ids.count)
        }

        @Test("a trusted proxy names the client and the request", .timeLimit(.minutes(1)))
        func proxy() async throws {
            let upstream = try Upstream()
            _ = try upstream.publish("project", Pattern(byteCount: 10, seed: 1))
            let larder = try await LarderHome(
                upstream: upstream.index,
                settings: "trusted_proxies: 127.0.0.1,10.0.0.0/8\n"
            ).start()
            let rows = [
                ("X-Forwarded-For: 203.0.113.7, 192.0.2.9, 10.1.2.3", "192.0.2.9"),
                ("X-Forwarded-For: junk, 2001:db8::1", "2001:db8::1"),
                ("Forwarded: for=\"[2001:db8::2]:4711\"", "2001:db8::2"),
                ("X-Forwarded-For: 192.0.2.9, junk", "127.0.0.1"),
            ]
            for (number, (field, client)) in rows.enumerated() {
                let id = "trace-\(number)"
                let answer = try await larder.get(
                    "/pypi/simple/project/", fields: [field, "X-Request-Id: \(id)"])
                #expect(answer.headers["x-request-id"] == id)
                let line = try await eventually("the line of \(id)") {
                    larder.events("request").first { $0["id"] == id }
                }
                #expect(line["client"] == client, "\(field)")
            }
            // Nothing that could end a line or a value is taken over.
            let odd = try await larder.get(
                "/healthz", fields: ["X-Request-Id: a\"b", "X-Request-Id: c"])
            #expect(odd.headers["x-request-id"]?.utf8.count == 15)
        }

        @Test("no secret of a client or the operator gets into the log", .timeLimit(.minutes(1)))
        func secrets() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("project", Pattern(byteCount: 10_000, seed: 1))
            let url = upstream.index.replacingOccurrences(of: "http://", with: "")
            let home = try LarderHome(
                upstream: nil,
                settings: """
                    pypi:
                      upstream:
                        url: http://\(url)
                        username: user-PLANTED-1
                        password: word-PLANTED-2

                    """)
            let larder = try await home.start()
            let fields = [
                "Authorization: Bearer PLANTED-3", "Cookie: a=PLANTED-4",
                "X-Request-Id: PLANTED-5", "Referer: http://a:PLANTED-6@b.example/",
                "User-Agent: PLANTED-7", "X-Forwarded-For: PLANTED-8",
                "Proxy-Authorization: Basic PLANTED-9",
            ]
            for target in [
                "/pypi/simple/project/?token=PLANTED-10", file.target + "?sig=PLANTED-11",
                "/nowhere?password=PLANTED-12", "/npm/-/v1/search?text=PLANTED-13",
                "http://user:PLANTED-14@127.0.0.1/pypi/simple/project/",
            ] {
                _ = try? await larder.get(target, fields: fields)
            }
            upstream.origin.stop()
            _ = try? await larder.get("/pypi/simple/other/", fields: fields)
            try await larder.stop()
            #expect(larder.events("request").count >= 4)
            #expect(!larder.log.contains("PLANTED"))
            #expect(larder.log.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"time\":") })
        }

        @Test("requests can be left out, and lines can be for people", .timeLimit(.minutes(1)))
        func settings() async throws {
            let upstream = try Upstream()
            let quiet = try await LarderHome(
                upstream: upstream.index, settings: "log:\n  requests: false\n"
            ).start()
            let answer = try await quiet.get("/pypi/simple/none/")
            #expect(answer.headers["x-request-id"] != nil)
            try await quiet.stop()
            #expect(quiet.events("request").isEmpty && !quiet.events("stopped").isEmpty)

            let plain = try LarderHome(
                upstream: upstream.index, settings: "log:\n  format: text\n"
            ).launch()
            try await eventually("it listens") {
                plain.log.contains(" INFO listening url=http://") ? true : nil
            }
            plain.process.signal(SIGTERM)
            #expect(try await plain.process.end() == .exit(0))
        }
    }
}
