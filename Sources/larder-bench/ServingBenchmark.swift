import Digests
import Ecosystems
import Linux
import Support

/// The list of 700,000 projects from the store, beside a file of the same size.
struct ServingBenchmark: Benchmark {
    let name = "serving"
    let server: any ServerUnderTest
    private static let rounds = 30

    func run() throws -> [Figure] {
        let origin = try OriginStub()
        let list = try SampleIndex.projectList(ProjectListBenchmark.projectCount).bytes
        origin.route("/simple/", .bytes(list, type: SampleIndex.jsonType))
        let running = try server.start(index: origin.base + "/simple/")
        let idle = try running.peakMemory()
        let client = try HTTPFetch(port: running.port)
        let listTarget = running.root + "simple/"
        let start = SystemClock.monotonicNanoseconds
        let html = try client.get(listTarget, accept: "text/html")
        let seconds = Double(SystemClock.monotonicNanoseconds - start) / 1e9
        let peak = try running.peakMemory()
        let file = try publish(byteCount: html.byteCount, like: list, on: origin)
        _ = try client.get(running.root + file)
        let times = try alternate(client, listTarget, running.root + file)
        let megabytes = Double(html.byteCount) / 1e6
        return [
            Figure("first answer of the list in HTML", seconds * 1e3, "ms"),
            Figure("peak memory with that list", Double(peak) / 1e6, "MB"),
            Figure("peak memory before", Double(idle) / 1e6, "MB"),
            Figure("list, warm", megabytes / times.list, "MB/s"),
            Figure("file of the same size, warm", megabytes / times.file, "MB/s"),
            Figure("list by file", times.file / times.list, "times", goal: .atLeast(0.9)),
        ]
    }

    /// Puts a project with one file on the origin and gives the file's path below the server's root.
    private func publish(
        byteCount: Int, like bytes: [UInt8], on origin: OriginStub
    ) throws -> String {
        var body: [UInt8] = []
        body.reserveCapacity(byteCount)
        while body.count < byteCount { body += bytes.prefix(byteCount - body.count) }
        let hex = try Digest.of(body.span, .sha256).hex
        let path =
            "packages/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex.dropFirst(4))/"
            + "sample-1.0.tar.gz"
        let page = """
            {"meta":{"api-version":"1.1"},"name":"sample","versions":["1.0"],"files":[{"filename":\
            "sample-1.0.tar.gz","url":"../../\(path)","hashes":{"sha256":"\(hex)"},\
            "size":\(byteCount)}]}
            """
        origin.route("/simple/sample/", .text(page, type: SampleIndex.jsonType))
        origin.route("/" + path, .bytes(body))
        return path
    }

    /// The median seconds of either, asked for in turns so that the machine's moods hit both.
    private func alternate(
        _ client: HTTPFetch, _ list: String, _ file: String
    ) throws -> (list: Double, file: Double) {
        var times: (list: [Double], file: [Double]) = ([], [])
        for _ in 0..<Self.rounds {
            times.list.append(
                try Stopwatch.once { _ = try client.get(list, accept: "text/html") })
            times.file.append(try Stopwatch.once { _ = try client.get(file) })
        }
        return (times.list.sorted()[Self.rounds / 2], times.file.sorted()[Self.rounds / 2])
    }
}
