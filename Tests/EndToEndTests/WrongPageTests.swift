import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Pages that are none, and upstreams that do not answer.
    @Suite(.serialized)
    struct WrongPages {
        struct Row: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let answer: OriginAnswer
        }

        static let rows: [Row] = [
            Row(
                testDescription: "login page with 200",
                answer: .text(
                    "<!DOCTYPE html><html><body><form>Log in</form></body></html>",
                    type: "text/html")),
            Row(
                testDescription: "JSON that is no page",
                answer: .text("{\"error\": 1}", type: "application/vnd.pypi.simple.v1+json")),
            Row(
                testDescription: "half a JSON page",
                answer: .text(
                    #"{"meta":{"api-version":"1.1"},"name":"held","files":[{"filena"#,
                    type: "application/vnd.pypi.simple.v1+json")),
            Row(testDescription: "empty with 200", answer: .text("", type: "text/html")),
            Row(testDescription: "500", answer: OriginAnswer(500)),
            Row(
                testDescription: "a wrong protocol", answer: .raw("SSH-2.0-OpenSSH_9.2\r\n")),
        ]

        @Test(
            "stale if held, else 502", .timeLimit(.minutes(5)),
            arguments: rows)
        func wrongPage(_ row: Row) async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("held", Pattern(byteCount: 70_000))
            let home = try LarderHome(
                upstream: upstream.index, variables: ["LARDER_FRESH_SECONDS": "1"])
            let larder = try await home.start()
            let page = "/pypi/simple/held/"
            let first = try await larder.get(page)
            #expect(first.isGood)
            #expect(try await larder.get(file.target).isGood)

            upstream.origin.route(Upstream.page("held"), row.answer)
            upstream.origin.route(Upstream.page("unheld"), row.answer)
            let stale = try await eventually("a stale page") {
                let exchange = try await larder.get(page)
                let status = exchange.headers["cache-status"] ?? ""
                return status.contains("stale") || !exchange.isGood ? exchange : nil
            }
            #expect(stale.isGood)
            #expect(stale.body == first.body)
            let unheld = try await larder.get("/pypi/simple/unheld/")
            #expect(unheld.status == 502, "\(unheld.testDescription)")
            #expect(unheld.text.contains("upstream"))
            #expect(try await larder.get(file.target).isGood)
            #expect(try home.damage().wrong == [])
        }

        @Test("warm with an upstream that hangs: an answer within 2 s", .timeLimit(.minutes(5)))
        func hangingUpstream() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("held", Pattern(byteCount: 70_000))
            let home = try LarderHome(
                upstream: upstream.index, variables: ["LARDER_FRESH_SECONDS": "1"])
            let larder = try await home.start()
            let page = "/pypi/simple/held/"
            #expect(try await larder.get(page).isGood)
            #expect(try await larder.get(file.target).isGood)
            upstream.origin.route(Upstream.page("held"), .blackhole)
            var longest = 0.0
            try await eventually("a stale page") {
                let got = try await TimedExchange.once(page, from: larder)
                longest = max(longest, got.milliseconds)
                #expect(got.exchange.isGood)
                return got.exchange.headers["cache-status"]?.contains("stale") == true ? true : nil
            }
            let (answers, next) = try await larder.calmly(within: 500) {
                [try await larder.get(page), try await larder.get(file.target)]
            }
            for answer in answers { #expect(answer.isGood) }
            print("wrong pages: a hanging upstream cost \(longest) ms once, then \(next) ms")
            #expect(longest < 2_000)
            #expect(next < 500)
        }

        @Test("upstream down and nothing stored: 502 or 503 with Retry-After, never 504")
        func down() async throws {
            let upstream = try Upstream()
            let file = try upstream.publish("unseen", Pattern(byteCount: 70_000))
            let larder = try await LarderHome(upstream: upstream.index).start()
            upstream.origin.stop()
            for target in ["/pypi/simple/unseen/", file.target] {
                let exchange = try await larder.get(target)
                #expect([502, 503].contains(exchange.status))
                #expect(exchange.headers["retry-after"].flatMap { Int($0) } != nil)
                #expect(exchange.text.contains("upstream"))
            }
            try upstream.origin.restart()
            let again = try await eventually("the upstream is asked again", within: 15, pause: 100)
            {
                let exchange = try await larder.get(file.target)
                return exchange.isGood ? exchange : nil
            }
            #expect(sha256(again.body) == file.sha256)
        }
    }
}
