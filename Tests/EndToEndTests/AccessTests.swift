import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Tokens and who may read what, on the wire.
    @Suite(.serialized)
    struct Access {
        /// A server that wants tokens, with an index and a repository that not all may know of.
        private struct Bed {
            let sites: ThreeSites
            let secret: OutageSite
            let home: LarderHome

            init(_ settings: String = "") throws {
                let secret = try OutageSite(.pypi) { $0.base }
                self.secret = secret
                sites = try ThreeSites(
                    settings: """
                        auth:
                          required: true
                        \(settings)
                        pypi:
                          indexes:
                            secret:
                              url: \(secret.base)/simple/
                              owns: [held]

                        """)
                home = sites.home
            }
        }

        struct Target: Sendable {
            let path: String
            /// The same in a place that does not exist; nil where there is no such.
            var twin: String? {
                let pairs = [
                    ("secret", "absent"), ("Secret", "Absent"), ("%73ecret", "%61bsent"),
                    ("/cold", "/gone"), ("c%6fld", "g%6fne"), ("COLD", "GONE"),
                ]
                let pair = pairs.first { path.contains($0.0) }
                return pair.map { path.replacingOccurrences(of: $0.0, with: $0.1) }
            }
        }

        private static let wheel = "held-1.0-py3-none-any.whl"

        /// What somebody may ask for who knows, or guesses, the names.
        static let targets = [
            "/pypi/secret/simple/", "/pypi/secret/simple/held/", "/pypi/secret/simple/held",
            "/pypi/secret/simple/HELD/", "/pypi/secret/simple/held/?format=json",
            "/pypi/secret", "/pypi/secret/", "/pypi/%73ecret/simple/held/",
            "/pypi/Secret/simple/held/", "/pypi/secret./simple/held/",
            "/pypi/secret%2fsimple/held/", "/pypi/secret%20/simple/held/",
            "/pypi/x/../secret/simple/held/", "//pypi/secret/simple/held/",
            "/pypi//secret/simple/held/", "/pypi/secret;a/simple/held/",
            "/pypi/secret/pypi/held/json", "/pypi/secret/pypi/held/1.0/json",
            "/pypi/secret/integrity/held/1.0/\(wheel)/provenance",
            "/pypi/secret/packages/\(wheel)", "/pypi/secret/packages/\(wheel).metadata",
            "/pypi/secret/files/127.0.0.1/\(wheel)",
            "/helm/cold", "/helm/cold/", "/helm/cold/index.yaml", "/helm/c%6fld/index.yaml",
            "/helm/COLD/index.yaml", "/helm/cold./index.yaml", "/helm/cold/index.yaml?a=b",
            "/helm/cold/index.yaml/", "/helm/cold/demo-1.0.0.tgz",
            "/helm/cold/demo-1.0.0.tgz.prov", "/helm/cold%2findex.yaml", "/helm//cold/index.yaml",
            "/helm/held/../cold/index.yaml", "/helm/index.yaml", "/helm", "/helm/",
        ].map(Target.init)

        /// What all of those would show.
        private static let canaries = ["cold", "secret", "held-1.0", "demo"]

        @Test(
            "H-7: an outsider learns nothing of a private index or repository, stored or not",
            .timeLimit(.minutes(2)))
        func outsider() async throws {
            let bed = try Bed()
            let larder = try await bed.home.start()
            let insider = try await bed.home.token("insider")
            let outsider = try await bed.home.token(
                "outsider", scopes: ["helm:held", "pypi:upstream"])
            let stranger = try await bed.home.token("stranger", scopes: ["npm"])
            try await larder.expect(200, of: "/", with: stranger)
            let leaks = Watched(0)
            for round in 1...2 {
                for method in ["GET", "HEAD", "POST"] {
                    try await concurrently(Self.targets) { target in
                        let count = try await Self.leaks(target, outsider, larder, method)
                        let others = try await Self.shut(target, stranger, larder, method)
                        leaks.update { $0 += count + others }
                    }
                }
                #expect(leaks.value == 0)
                guard round == 1 else { continue }
                let asked = bed.secret.origin.ledger.requests.map(\.path)
                #expect(asked == [], "nobody is asked for an outsider")
                // Now all of it is stored, and nothing changes for an outsider.
                for path in [
                    "/pypi/secret/simple/held/", "/helm/cold/index.yaml", "/helm/index.yaml",
                ] {
                    let got = try await larder.get(path, with: insider)
                    #expect(got.isGood, "\(path): \(got.testDescription)")
                    let control = got.headers["cache-control"] ?? ""
                    #expect(control.hasPrefix("private, max-age="))
                }
            }
            let owned = try await larder.get("/pypi/simple/held/", with: outsider)
            #expect(owned.status == 404 && !owned.text.contains("secret"))
            #expect(try await larder.get("/helm/held/index.yaml", with: outsider).isGood)
        }

        /// How many things an outsider learns from one target.
        private static func leaks(
            _ target: Target, _ token: String, _ larder: Larder, _ method: String
        ) async throws -> Int {
            var count = 0
            for fields in [[], ["Range: bytes=0-9"], ["If-None-Match: *"]] {
                let got = try await larder.get(
                    target.path, with: token, fields: fields, method: method)
                let isRefused = [400, 404, method == "POST" ? 405 : 404].contains(got.status)
                #expect(isRefused, "\(method) \(target.path): \(got.testDescription)")
                let isSilent = !canaries.contains { got.text.contains($0) }
                #expect(isSilent, "\(target.path): \(got.text)")
                var isAlike = true
                if let twin = target.twin {
                    let other = try await larder.get(
                        twin, with: token, fields: fields, method: method)
                    isAlike =
                        other.status == got.status && other.body == got.body
                        && Self.fields(other) == Self.fields(got)
                    #expect(isAlike, "\(method) \(target.path): as one that is not there")
                }
                count += isRefused && isSilent && isAlike ? 0 : 1
            }
            return count
        }

        private static func fields(_ exchange: Exchange) -> [String] {
            exchange.headers.fields.filter { !["date", "x-request-id"].contains($0.name) }.map {
                "\($0.name): \($0.value)"
            }
        }

        /// The same for a client of another ecosystem, for a wrong token and for none.
        private static func shut(
            _ target: Target, _ token: String, _ larder: Larder, _ method: String
        ) async throws -> Int {
            var count = 0
            let wrong = String(token.dropLast()) + (token.last == "0" ? "1" : "0")
            for (shown, status) in [(token, 403), (wrong, 401), (nil, 401)] {
                let got = try await larder.get(target.path, with: shown, method: method)
                let isRefused = [400, status].contains(got.status)
                let isSilent = !canaries.contains { got.text.contains($0) }
                #expect(isRefused && isSilent, "\(target.path): \(got.testDescription)")
                count += isRefused && isSilent ? 0 : 1
            }
            return count
        }

        @Test("the server's own paths: health is open, metrics and the front page are not")
        func ownPaths() async throws {
            let bed = try Bed()
            let larder = try await bed.home.start()
            let reader = try await bed.home.token("reader", scopes: ["pypi"])
            let prometheus = try await bed.home.token("prometheus", scopes: ["metrics"])
            try await larder.expect(200, of: "/metrics", with: prometheus)
            for path in ["/healthz", "/readyz"] {
                #expect(try await larder.get(path).status == 200)
            }
            for path in ["/", "/metrics", "/nowhere"] {
                let got = try await larder.get(path)
                #expect(got.status == 401, "\(path)")
                let challenge = got.headers["www-authenticate"]
                #expect(challenge == "Basic realm=\"larder\", charset=\"UTF-8\"")
                #expect(got.headers["cache-control"] == "no-store")
            }
            let npm = try await larder.get("/npm/held")
            #expect(npm.status == 401 && npm.text.hasPrefix(#"{"error":"#))
            #expect(npm.headers["www-authenticate"]?.hasPrefix("Bearer ") == true)
            #expect(try await larder.get("/", with: reader).status == 200)
            #expect(try await larder.get("/metrics", with: reader).status == 403)
            let text = try await larder.get("/metrics", with: prometheus).text
            #expect(text.contains("larder_requests_total"))
        }

        @Test(
            "a token ends everywhere within seconds: revoked, expired; failures are counted; no secret is kept or told",
            .timeLimit(.minutes(1)))
        func endings() async throws {
            let bed = try Bed("  open_metrics: true")
            let larder = try await bed.home.start()
            let page = "/npm/held"
            let kept = try await bed.home.token("kept")
            let short = try await bed.home.token("short", expires: "12s")
            let revoked = try await bed.home.token("revoked", scopes: ["npm"])
            for token in [kept, short, revoked] {
                try await larder.expect(200, of: page, with: token)
            }
            let start = ContinuousClock.now
            try await bed.home.revoke("revoked")
            try await larder.expect(401, of: page, with: revoked)
            let seconds = start.duration(to: .now) / .seconds(1)
            #expect(seconds < 5)
            try await larder.expect(401, of: page, with: short, within: 30)
            #expect(try await larder.get(page, with: kept).isGood)
            #expect(try await larder.get(page, with: "a secret of somebody's").status == 401)
            let failures = try await larder.metric("larder_authentication_failures_total")
            #expect(failures >= 3)

            let list = try await bed.home.run(["token", "list"])
            #expect(list.output.contains("kept") && list.output.contains("(over)"))
            let metrics = try await larder.get("/metrics").text
            try await larder.stop()
            let used = try await bed.home.run(["token", "list"]).output
                .split(separator: "\n").first { $0.hasPrefix("kept") }
            #expect(used?.hasSuffix("never") == false, "its last use is written down")
            #expect(larder.events("request").contains { $0["token"] == "kept" })
            for token in [kept, short, revoked] {
                let secret = String(token.suffix(64))
                for text in [larder.log, metrics, list.output, "\(bed.sites.sites.map(\.base))"] {
                    #expect(!text.contains(secret))
                }
                #expect(try bed.home.holds(text: secret) == false)
            }
            let sent = bed.sites.sites.flatMap(\.origin.ledger.requests)
            #expect(!sent.isEmpty && sent.allSatisfy { $0.headers["authorization"] == nil })
        }

        struct Misuse: Sendable, CustomTestStringConvertible {
            let words: [String]
            let status: Int32
            let text: String
            var testDescription: String { words.joined(separator: " ") }
        }

        static let misuses: [Misuse] = [
            Misuse(words: ["create", "taken"], status: 1, text: "already"),
            Misuse(words: ["create", "a b"], status: 2, text: "NAME"),
            Misuse(
                words: ["create", "x", "--scope", "pypy"], status: 2, text: "did you mean pypi?"),
            Misuse(
                words: ["create", "x", "--scope", "helm:heldd"], status: 2,
                text: "did you mean helm:held?"),
            Misuse(words: ["create", "x", "--expires", "soon"], status: 2, text: "--expires"),
            Misuse(words: ["create", "x", "--expires", "99999999999999d"], status: 2, text: "30d"),
            Misuse(words: ["revoke", "takem"], status: 1, text: "did you mean taken?"),
        ]

        @Test("a wrong command says what is wrong, and changes nothing")
        func misuse() async throws {
            let bed = try Bed()
            let larder = try await bed.home.start()
            _ = try await bed.home.token("taken")
            let before = try await bed.home.run(["token", "list"]).output
            for row in Self.misuses {
                let outcome = try await bed.home.run(["token"] + row.words)
                #expect(outcome.ending == .exit(row.status), "\(row.testDescription)")
                #expect(outcome.output.contains(row.text), "\(outcome.output)")
            }
            #expect(try await bed.home.run(["token", "list"]).output == before)
            try await larder.stop()
        }
    }
}
