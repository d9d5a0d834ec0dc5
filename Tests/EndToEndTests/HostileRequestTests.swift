import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Requests that want to be understood in two ways.
    @Suite(.serialized)
    struct HostileRequests {
        // MARK: Targets

        /// Each of these makes any path one that is refused.
        private static let evil: [String] = [
            "..", ".", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "%2e", "..%2f", "%2e%2e%2f..%2f",
            "..%5c", "%5c..%5c", "..\\", "a\\b", "%252e%252e", "%252f", "%252e",
            "x;y=1", "..;", ";", "%00", "a%00.whl", "%01", "%0a", "%0d%0aX:%201", "%7f",
            "%c0%ae%c0%ae", "%c0%af", "%e0%80%af", "%e0%80%ae", "%f0%80%80%ae",
            "%fc%80%80%80%80%af",
            "%ff", "%fe", "%ed%a0%80", "%f4%90%80%80", "%zz", "%", "%2", "%u002e", "\u{1}",
            "caf\u{E9}", "a#b", "\u{7F}", "",
        ]

        private static let mounts: [[String]] = [
            [], ["pypi"], ["pypi", "simple"], ["pypi", "packages", "aa", "bb"], ["pypi", "pypi"],
            ["npm"], ["npm", "held"], ["npm", "held", "-"], ["npm", "@scope"], ["npm", "-", "v1"],
            ["helm"], ["helm", "held"], ["helm", "held", "-", "files.example"], ["nowhere"],
        ]

        /// What might be a secret's path if it were followed.
        private static func ends(_ canary: String) -> [[String]] {
            let steps = canary.split(separator: "/").map(String.init)
            return [
                steps, [steps.last ?? ""], ["etc", "passwd"], ["larder.sqlite"], ["index.yaml"],
                ["held-1.0.0.tgz"], ["held", ""],
            ]
        }

        private static func targets(_ count: Int, canary: String, seed: UInt64) -> [String] {
            var random = SeededGenerator(seed: seed)
            let ends = ends(canary)
            return (0..<count).map { number in
                let mount = mounts[Int.random(in: 0..<mounts.count, using: &random)]
                let end = ends[Int.random(in: 0..<ends.count, using: &random)]
                let piece = evil[number % evil.count]
                let repeats = Int.random(in: 1...12, using: &random)
                let middle = Array(repeating: piece, count: repeats)
                let path = (mount + middle + end).joined(separator: "/")
                switch number % 23 {
                case 0: return "http://files.example/" + path
                case 1: return "https://169.254.169.254/" + path
                case 2: return path.isEmpty ? "x" : "x" + path
                case 3: return "//" + path
                default: return "/" + path
                }
            }
        }

        @Test(
            "H-2: 5,000 generated targets: 400 or 404, no file of another place, nobody is asked",
            .timeLimit(.minutes(3)))
        func targets() async throws {
            let bed = try ThreeSites()
            let secret = "canary-\(Machine.seed)"
            let canary = bed.home.store + ".canary"
            try Foundation.Data(secret.utf8).write(to: URL(fileURLWithPath: canary))
            let larder = try await bed.home.start()
            let before = Set(TemporaryFolder.files(below: bed.home.store))
            let count = Machine.isFull ? 50_000 : 5_000
            let targets = Self.targets(count, canary: canary, seed: Machine.seed)
            print("hostile targets: seed \(Machine.seed), \(Set(targets).count) different ones")
            let words = [secret, "root:x:", "SQLite format"]
            try await concurrently(targets) { target in
                let got = try await larder.get(target, within: 20)
                #expect([400, 404].contains(got.status), "\(target): \(got.status)")
                for word in words { #expect(!Self.holds(got.body, word), "\(target)") }
            }
            #expect(bed.requestCount == 0)
            #expect(bed.sites.map(\.origin.ledger.connectionCount) == [0, 0, 0])
            #expect(Set(TemporaryFolder.files(below: bed.home.store)) == before)
            #expect(try TemporaryFolder.bytes(of: canary) == Array(secret.utf8))
            #expect(try await larder.get("/healthz").status == 200)
        }

        private static func holds(_ bytes: [UInt8], _ word: String) -> Bool {
            Foundation.Data(bytes).range(of: Foundation.Data(word.utf8)) != nil
        }

        // MARK: Hosts

        private static let foreign = "evil.example"

        /// Header fields with foreign words, and whether they are a word of a proxy alone.
        private static let fields: [[String]] = [
            ["Host: evil.example"], ["Host: evil.example:80"], ["Host: 127.0.0.1.evil.example"],
            ["Host: evil.example:1@127.0.0.1"], ["Host: 127.0.0.1/evil.example"],
            ["Host: localhost.evil.example"], ["X-Forwarded-Host: evil.example"],
            ["X-Forwarded-Host: packages.example, evil.example"],
            ["X-Forwarded-Host: evil.example, packages.example"],
            ["X-Forwarded-Host: packages.example:1@evil.example"],
            ["X-Forwarded-Host: packages.example/evil.example"],
            ["X-Forwarded-Proto: evil.example"], ["X-Forwarded-Proto: javascript:evil.example//"],
            ["X-Forwarded-Prefix: //evil.example"], ["X-Forwarded-Prefix: /\\evil.example"],
            ["X-Forwarded-Prefix: /..//evil.example"],
            ["X-Forwarded-Prefix: /a\"><a href=//evil.example>"],
            ["X-Forwarded-Host: packages.example", "X-Forwarded-Prefix: //evil.example"],
            ["Forwarded: host=evil.example;proto=https"],
            ["Forwarded: for=1.2.3.4;host=\"evil.example\", for=5.6.7.8;host=packages.example"],
            ["Forwarded: host=packages.example;proto=evil.example"],
            ["X-Forwarded-For: evil.example", "X-Real-IP: evil.example", "Via: evil.example"],
            ["X-Original-URL: //evil.example/", "X-Rewrite-URL: //evil.example/"],
            ["Origin: http://evil.example", "Referer: http://evil.example/"],
        ]

        private static let paths: [String] = [
            "/", "/healthz", "/nowhere", "/pypi/", "/pypi/simple/", "/pypi/simple/held",
            "/pypi/simple/Held/", "/pypi/simple/none/", "/npm/", "/npm/none", "/npm/held/1.0.0",
            "/npm/-/ping", "/helm", "/helm/", "/helm/index.yaml", "/helm/held",
            "/helm/held/index.yaml?format=yaml", "/helm/held/none.tgz", "/%2e%2e/",
        ]

        @Test(
            "H-3: foreign names in Host and in what proxies say are in no answer and nothing stored",
            .timeLimit(.minutes(2)),
            arguments: [
                "", "trusted_proxies: [127.0.0.0/8]\nallowed_hosts: [packages.example]\n",
                "public_url: https://packages.example/x\n",
            ])
        func hosts(_ settings: String) async throws {
            let bed = try ThreeSites(settings: settings)
            let larder = try await bed.home.start()
            let isTrusting = settings.contains("trusted")
            let targets = Self.paths + bed.sites.flatMap { [$0.held.document, $0.held.file] }
            var usual: [String: Exchange] = [:]
            for target in targets { usual[target] = try await larder.get(target) }
            let expected = usual
            try await concurrently(Self.fields) { fields in
                for target in targets {
                    let got = try await larder.get(target, fields: fields)
                    let place = "\(fields) \(target): \(got.testDescription)"
                    let head = got.headers.fields.map { "\($0.name): \($0.value)" }.joined()
                    #expect(!head.contains(Self.foreign), "\(place)")
                    #expect(!Self.holds(got.body, Self.foreign), "\(place)")
                    guard [400, 421].contains(got.status) else {
                        #expect(got.status == expected[target]?.status, "\(place)")
                        // Pages that say how to use them have no URL under a foreign Host, and each
                        // look at the front page finds other figures.
                        let mayDiffer = fields.contains { $0.hasPrefix("Host:") }
                        guard !isTrusting, !mayDiffer, target != "/" else { continue }
                        #expect(got.body == expected[target]?.body, "\(place)")
                        continue
                    }
                }
            }
            #expect(try await larder.stop() == .exit(0))
            for file in TemporaryFolder.files(below: bed.home.store) {
                let bytes = try TemporaryFolder.bytes(of: file)
                #expect(!Self.holds(bytes, Self.foreign), "\(file)")
            }
            let seen = bed.sites.flatMap { $0.origin.ledger.requests }.map { "\($0.headers)" }
            #expect(seen.allSatisfy { !$0.contains(Self.foreign) })
        }
    }
}
