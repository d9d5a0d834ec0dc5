/// What is stored, from Larder and from nginx's `proxy_cache`: pages or files of one kind.
struct HitsBenchmark: Benchmark {
    let name: String
    let programs: PeerPrograms
    let title: String
    let measure: Contest.Measure
    /// What Larder must be by the best way that nginx has.
    let goal: Double
    let content: Content
    var connections = 16
    var fields = ""
    var status = 200
    var mayMiss = false
    /// Whether nginx rewrites each answer, as it is set up most often, and not what it stores.
    var isPlain = false

    enum Content {
        case pages([SamplePackages.Project])
        case files(SamplePackages.Project)
    }

    static let small = (0..<16).map {
        SamplePackages.Project(name: "small\($0)", files: [3_000], pageByteCount: 4_000)
    }
    /// From 80 kB to a megabyte.
    static let large = (0..<8).map {
        SamplePackages.Project(
            name: "large\($0)", files: [3_000], pageByteCount: 80_000 + $0 * 131_000)
    }

    static func all(_ programs: PeerPrograms) -> [HitsBenchmark] {
        [
            HitsBenchmark(
                name: "hits-pages", programs: programs, title: "small pages", measure: .requests,
                goal: 1.4, content: .pages(small), connections: 32, isPlain: true),
            HitsBenchmark(
                name: "hits-rewritten", programs: programs,
                title: "small pages, stored rewritten", measure: .requests, goal: 1.4,
                content: .pages(small), connections: 32),
            HitsBenchmark(
                name: "hits-304", programs: programs, title: "304 for small pages",
                measure: .requests, goal: 1.4, content: .pages(small), connections: 32,
                status: 304, mayMiss: true),
            HitsBenchmark(
                name: "hits-large-pages", programs: programs, title: "large pages",
                measure: .megabytes, goal: 1, content: .pages(large), mayMiss: true),
            HitsBenchmark(
                name: "hits-gzip", programs: programs, title: "large pages with gzip",
                measure: .requests, goal: 5, content: .pages(large),
                fields: "Accept-Encoding: gzip\r\n"),
            HitsBenchmark(
                name: "hits-20k", programs: programs, title: "artifacts of 20 kB",
                measure: .requests, goal: 1.2, content: .files(project(20_000, 64)),
                connections: 32),
            // More than are kept mapped for long, as a company's CI has them.
            HitsBenchmark(
                name: "hits-many", programs: programs, title: "6,000 artifacts of 20 kB",
                measure: .requests, goal: 1, content: .files(project(20_000, 6_000)),
                connections: 32),
            HitsBenchmark(
                name: "hits-1m", programs: programs, title: "artifacts of 1 MB",
                measure: .megabytes, goal: 1.3, content: .files(project(1_000_000, 32))),
            HitsBenchmark(
                name: "hits-16m", programs: programs, title: "artifacts of 16 MB",
                measure: .megabytes, goal: 1, content: .files(project(16_000_000, 4))),
            HitsBenchmark(
                name: "hits-range", programs: programs, title: "ranges of 256 kB",
                measure: .megabytes, goal: 1, content: .files(project(16_000_000, 4)),
                fields: "Range: bytes=4000000-4255999\r\n", status: 206, mayMiss: true),
        ]
    }

    static func project(_ byteCount: Int, _ count: Int) -> SamplePackages.Project {
        SamplePackages.Project(
            name: "files\(byteCount)", files: Array(repeating: byteCount, count: count),
            pageByteCount: 0)
    }

    func run() throws -> [Figure] {
        let registry = try SamplePackages(projects)
        let larder = try programs.startLarder(registry)
        let nginx = try programs.startNginx(registry)
        return try Contest(
            title: title, measure: measure, own: side(larder),
            peers: peers(nginx).map { try side($0) }
        ).figures(goal: goal, mayMiss: mayMiss)
    }

    private var projects: [SamplePackages.Project] {
        switch content {
        case .pages(let projects): projects
        case .files(let project): [project]
        }
    }

    private func peers(_ nginx: PeerPrograms.Nginx) -> [Contender] {
        switch content {
        case .pages where !fields.isEmpty: [nginx.gzip]
        case .pages where isPlain: [nginx.plain]
        case .pages, .files: [nginx.sendfile, nginx.copying]
        }
    }

    private func targets(_ contender: Contender) throws -> [String] {
        switch content {
        case .pages(let projects): projects.map(contender.page)
        case .files(let project): try contender.files(project)
        }
    }

    /// A load of what the server has stored by now.
    private func side(_ contender: Contender) throws -> Contest.Side {
        var requests: [[UInt8]] = []
        for target in try targets(contender) {
            _ = try contender.get(target)
            var fields = fields
            if status == 304 { fields += "If-None-Match: \(try contender.tag(of: target))\r\n" }
            requests.append(contender.request(target, fields))
        }
        let load = try Load(
            port: contender.port, requests: requests, connections: connections,
            expecting: status)
        return Contest.Side(name: contender.name, server: contender.server, load: load)
    }
}
