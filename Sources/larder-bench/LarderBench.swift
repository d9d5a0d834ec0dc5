import Foundation
import Support

/// Measures Larder and says whether it is as fast as it should be.
@main struct LarderBench {
    static let usage = """
        usage: larder-bench [--json] [--only NAME] [--larder PATH] [--nginx PATH] [--python PATH]
                            [--rows N] [--cold N]

        --json         one JSON object instead of a table
        --only NAME    the benchmarks whose name begins with NAME
        --larder PATH  the server to measure; the larder beside this program by default
        --nginx PATH   the nginx to compare with; /usr/sbin/nginx by default
        --python PATH  the folder with the programs of the peers in Python; .build/peers/bin by default
        --rows N       instead of all this, a server's hits while it evicts (rows-hits), SQLite
                       (rows-sqlite) and PostgreSQL (rows-postgres) with N stored responses; ten
                       million take some minutes and 10 GB below TMPDIR each
        --cold N       instead of all this, what N pages and files that nobody asked for before cost
                       two servers, PostgreSQL and a bucket: our double (cold-double) and, where
                       LARDER_CLIENTS has it, SeaweedFS (cold-seaweedfs)

        The exit status is 1 when a figure misses its goal.
        """

    /// Everything that is measured; a new ecosystem adds its cases here.
    static func benchmarks(
        of server: any ServerUnderTest, _ programs: PeerPrograms
    ) -> [any Benchmark] {
        let rooms: [any Benchmark] = [
            PageBenchmark(form: .json),
            PageBenchmark(form: .html),
            ProjectListBenchmark(),
            PackumentBenchmark(),
            HelmIndexBenchmark(),
            CrowdBenchmark(server: server),
            ServingBenchmark(server: server),
            HelmServingBenchmark(server: server, nginx: programs.nginx),
        ]
        let peers: [any Benchmark] = [
            ReplayBenchmark(name: "replay-warm", programs: programs, isCold: false),
            ReplayBenchmark(name: "replay-cold", programs: programs, isCold: true),
            ColdFileBenchmark(programs: programs),
            LatencyBenchmark(programs: programs),
            MemoryBenchmark(programs: programs),
            ManyResponsesBenchmark(programs: programs),
        ]
        return rooms + HitsBenchmark.all(programs) + peers
    }

    /// Databases with very many rows, which are measured by themselves.
    static func rowsBenchmarks(
        _ count: Int, _ programs: PeerPrograms
    ) -> [any Benchmark] {
        [
            EvictionBenchmark(programs: programs, rowCount: count),
            RowsBenchmark(name: "rows-sqlite", rowCount: count) { try SQLiteRows() },
            RowsBenchmark(name: "rows-postgres", rowCount: count) { try await PostgresRows() },
        ]
    }

    /// What servers without anything of their own carry and cost, which is measured by itself.
    static func coldBenchmarks(_ count: Int, of program: String) -> [any Benchmark] {
        var all = [
            ColdBenchmark(name: "cold-double", count: count, program: program) {
                try DoubleBucket()
            }
        ]
        if SeaweedServer.isInstalled {
            all.append(
                ColdBenchmark(name: "cold-seaweedfs", count: count, program: program) {
                    try SeaweedBucket()
                })
        }
        return all
    }

    static func main() {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(2)
        }
        var report = Report()
        let server = LarderServer(program: options.larder)
        let programs = PeerPrograms(
            larder: options.larder, nginx: options.nginx, python: options.python)
        let benchmarks =
            options.rows.map { rowsBenchmarks($0, programs) }
            ?? options.cold.map { coldBenchmarks($0, of: options.larder) }
            ?? benchmarks(of: server, programs)
        for benchmark in benchmarks where benchmark.name.hasPrefix(options.only) {
            FileHandle.standardError.write(Data("measuring \(benchmark.name)\n".utf8))
            do {
                report.add(benchmark.name, try benchmark.run())
            } catch {
                report.add(benchmark.name, fault: "\(error)")
            }
        }
        print(options.isJSON ? report.json : report.table)
        exit(report.isGood ? 0 : 1)
    }
}

/// What the command line asks for.
struct Options {
    var isJSON = false
    var only = ""
    /// How many rows a database gets; nil for the usual benchmarks.
    var rows: Int?
    /// How many pages and files are asked for that nobody asked for before.
    var cold: Int?
    var nginx = "/usr/sbin/nginx"
    var python = ".build/peers/bin"
    var larder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "larder").path()

    /// Nil for what is no option.
    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch option {
            case "--json": isJSON = true
            case "--only":
                guard let value = rest.popFirst() else { return nil }
                only = value
            case "--larder":
                guard let value = rest.popFirst() else { return nil }
                larder = value
            case "--nginx":
                guard let value = rest.popFirst() else { return nil }
                nginx = value
            case "--python":
                guard let value = rest.popFirst() else { return nil }
                python = value
            case "--rows":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 10_000 else {
                    return nil
                }
                rows = value
            case "--cold":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 10 else {
                    return nil
                }
                cold = value
            default: return nil
            }
        }
    }
}
