import Admission
import Backends
import Digests
import Engine
import HTTPModel
import Resources
import Support
import Synchronization
import Testing

/// Who may read what: every way in which something is served, times everybody who may ask for it
/// (rule G1, case H-7).
@Suite(.timeLimit(.minutes(5))) struct AccessTests {
    /// Knows clients by what they say in their field.
    private struct Guests: Authenticator {
        var stranger = Principal.nobody

        func identify(_ authorization: AuthorizationField?) -> Identification {
            guard let authorization else { return .known(stranger) }
            let asker = Asker.allCases.first { $0.field == authorization }
            return asker.flatMap(\.principal).map { .known($0) } ?? .refused(.unknown)
        }

        func tokensChanged() {}
    }

    /// Who asks for something of the private upstream.
    enum Asker: String, Sendable, CaseIterable {
        case nobody, forger, reader, neighbour, foreigner, everything, admin

        var field: AuthorizationField? { self == .nobody ? nil : AuthorizationField(rawValue) }

        var principal: Principal? {
            switch self {
            case .nobody, .forger: nil
            case .reader: Self.client(.upstream(ecosystem: "test", name: "private"))
            case .neighbour: Self.client(.upstream(ecosystem: "test", name: "upstream"))
            case .foreigner: Self.client(.ecosystem("npm"), .metrics)
            case .everything: Self.client(.all)
            case .admin: Principal(client: "admin", reading: [], isAdmin: true)
            }
        }

        private static func client(_ scopes: Scope...) -> Principal {
            Principal(client: "somebody", reading: scopes, isAdmin: false)
        }

        /// What it gets instead of what it asks for; nil where it gets that.
        var refusal: Int? {
            switch self {
            case .nobody, .forger: 401
            case .foreigner: 403
            case .neighbour: 404
            case .reader, .everything, .admin: nil
            }
        }
    }

    /// How things are when somebody asks.
    enum Circumstance: String, Sendable, CaseIterable {
        /// Nothing is stored yet.
        case cold
        case stored
        /// Known from the database alone.
        case restarted
        case stale
        /// Stale, and the upstream is down.
        case outage
        /// The disk takes nothing, so that it is served from memory.
        case memory
    }

    struct Way: Sendable {
        let name: String
        let path: String
        /// What those get who may read it.
        let status: Int
        var change: @Sendable (inout RequestHead) -> Void = { _ in }
    }

    private static let file = TestFile("p/a.whl", byteCount: 200_000)
    private static let words = "hidden-words"
    private static let page = document(file.line(), "\(words) 00 1 0")

    static let ways: [Way] = [
        Way(name: "document", path: "/p/doc/p", status: 200),
        Way(name: "HEAD", path: "/p/doc/p", status: 200) { $0.method = .head },
        Way(name: "gzip", path: "/p/doc/p", status: 200) { $0.acceptEncoding = "gzip" },
        Way(name: "refresh", path: "/p/doc/p", status: 200) { $0.asksForRefresh = true },
        Way(name: "condition", path: "/p/doc/p", status: 304) { $0.ifNoneMatch = "*" },
        Way(name: "file", path: "/p/file/p/a.whl", status: 200),
        Way(name: "HEAD of a file", path: "/p/file/p/a.whl", status: 200) { $0.method = .head },
        Way(name: "range", path: "/p/file/p/a.whl", status: 206) { $0.range = "bytes=0-9" },
        Way(name: "wrong range", path: "/p/file/p/a.whl", status: 416) {
            $0.range = "bytes=900000-"
        },
        Way(name: "file's tag", path: "/p/file/p/a.whl", status: 304) {
            $0.ifNoneMatch = "\"\(file.digest.hex)\""
        },
        Way(name: "redirect", path: "/p/old", status: 301),
        Way(name: "refused", path: "/p/off", status: 404),
        Way(name: "encoded", path: "/%70/doc/p", status: 200),
    ]

    private static func mounts() -> [Mount] {
        [
            Bench.mount(),
            // The same upstream, so that the same things are stored for both.
            Bench.mount(["p"]) {
                $0.identity = UpstreamIdentity(
                    ecosystem: "test", name: "test/private", location: TestAdapter.root)
            },
        ]
    }

    private static func bench(
        restarting other: Bench? = nil, _ blobs: FaultyBlobs = FaultyBlobs(),
        stranger: Principal = .nobody
    ) -> Bench {
        let bench = Bench(
            restarting: other, mounts: mounts(), blobs: blobs,
            authenticator: Guests(stranger: stranger))
        bench.upstream.set("\(TestAdapter.root)/doc/p", page)
        bench.upstream.set(file.url, .init(pieces: file.pieces))
        return bench
    }

    /// A bench in a circumstance, and what it takes to come there.
    private static func prepare(_ circumstance: Circumstance) async throws -> Bench {
        let blobs = FaultyBlobs()
        if circumstance == .memory { blobs.faults.withLock { $0 = .init(failsToStage: true) } }
        let first = bench(blobs)
        guard circumstance != .cold, circumstance != .memory else { return first }
        try await Bench.run(first) { bench in
            for path in ["/p/doc/p", "/p/file/p/a.whl"] {
                let got = try await bench.get(path) { $0.authorization = Asker.reader.field }
                #expect(got.status == 200)
            }
            await bench.idle()
        }
        let second = bench(restarting: first)
        return second
    }

    @Test(
        "H-7: who may not read it learns nothing, and costs nothing; who may gets it",
        arguments: Circumstance.allCases)
    func sweep(_ circumstance: Circumstance) async throws {
        let bench = try await Self.prepare(circumstance)
        try await Bench.run(bench) { bench in
            if circumstance == .stored {
                _ = try await bench.get("/p/doc/p") { $0.authorization = Asker.reader.field }
            }
            if circumstance == .stale || circumstance == .outage {
                bench.time.advance(seconds: 1_000)
            }
            if circumstance == .outage {
                for url in ["\(TestAdapter.root)/doc/p", Self.file.url] {
                    bench.upstream.set(url, .init(failure: .unreachable(code: 7)))
                }
            }
            let asked = bench.upstream.requestCount
            var leaks = 0
            for asker in Asker.allCases where asker.refusal != nil {
                for way in Self.ways { leaks += try await Self.leaks(way, asker, bench) }
            }
            #expect(leaks == 0)
            #expect(bench.upstream.requestCount == asked, "they cost nothing")
            for asker in Asker.allCases where asker.refusal == nil {
                // A file that cannot be stored is relayed, which knows no conditions.
                let served = Self.ways.filter {
                    circumstance != .memory || !$0.path.contains("/file/")
                }
                for way in served { try await Self.serves(way, asker, bench) }
            }
        }
    }

    /// How many things somebody learns who may not.
    private static func leaks(_ way: Way, _ asker: Asker, _ bench: Bench) async throws -> Int {
        let got = try await bench.get(way.path) { head in
            way.change(&head)
            head.authorization = asker.field
        }
        let nowhere = try await bench.get("/nowhere/else") { $0.authorization = asker.field }
        // What a path is answered that leads nowhere, where the kind of path does not matter.
        let isAlike =
            asker == .foreigner || got.body == nowhere.body && got.fields == nowhere.fields
        #expect(got.status == asker.refusal, "\(way.name), \(asker)")
        #expect(isAlike, "\(way.name), \(asker): \(got.fields)")
        #expect(got.rounds == 0, "nothing is waited for")
        let told = got.text + got.fields
        #expect((got.field("WWW-Authenticate") != nil) == (asker.refusal == 401))
        return got.status == asker.refusal && isAlike && !told.contains(words) ? 0 : 1
    }

    private static func serves(_ way: Way, _ asker: Asker, _ bench: Bench) async throws {
        let got = try await bench.get(way.path) { head in
            way.change(&head)
            head.authorization = asker.field
        }
        #expect(got.status == way.status, "\(way.name), \(asker)")
        if let control = got.field("Cache-Control"), control.contains("max-age") {
            #expect(control.hasPrefix("private, "), "\(way.name)")
        }
        #expect(!got.fields.contains("public"))
    }

    @Test("what all may read needs no token, is public, and a wrong token is wrong there too")
    func anonymous() async throws {
        let stranger = Principal(reading: [.upstream(ecosystem: "test", name: "upstream")])
        try await Bench.run(Self.bench(stranger: stranger)) { bench in
            let got = try await bench.get("/t/file/p/a.whl")
            #expect(got.status == 200)
            #expect(got.field("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(try await bench.get("/p/file/p/a.whl").status == 401)
            #expect(try await bench.get("/nowhere").status == 401)
            let forged = try await bench.get("/t/file/p/a.whl") {
                $0.authorization = Asker.forger.field
            }
            #expect(forged.status == 401)
        }
    }

    @Test("a body is not read of those who may not send one")
    func bodies() async throws {
        try await Bench.run(Self.bench()) { bench in
            for asker in Asker.allCases {
                var head = RequestHead(
                    method: .post, target: try RequestTarget(Array("/p/ask".utf8)))
                head.authorization = asker.field
                #expect((bench.engine.bodyLimit(for: head) == nil) == (asker.refusal != nil))
                guard let refusal = asker.refusal else { continue }
                let got = try await bench.send(.post, "/p/ask", body: "a") {
                    $0.authorization = asker.field
                }
                #expect(got.status == refusal, "\(asker)")
            }
        }
    }

    @Test("one who waits for a fill while the token ends gets nothing of it")
    func endedMeanwhile() async throws {
        let bench = Self.bench()
        let gate = Gate()
        bench.upstream.set("\(TestAdapter.root)/doc/p", document(Self.file.line(), gate: gate))
        try await Bench.run(bench) { bench in
            var head = RequestHead(
                method: .get, target: try RequestTarget(Array("/p/doc/p".utf8)))
            head.authorization = Asker.reader.field
            var answer = bench.engine.answer(head)
            guard case .pending(let first) = answer else { throw Bench.Unanswered() }
            await bench.news(of: first.fill)
            answer = bench.engine.resume(first, for: head, after: .news)
            guard case .pending(let pending) = answer else { throw Bench.Unanswered() }
            head.authorization = Asker.forger.field
            gate.open()
            await bench.news(of: pending.fill)
            answer = bench.engine.resume(pending, for: head, after: .news)
            guard case .reply(let reply) = answer else { throw Bench.Unanswered() }
            #expect(reply.status == 401)
        }
    }
}
