import Foundation

/// Measures Larder and says whether it is as fast as it should be.
@main struct LarderBench {
    static let usage = """
        usage: larder-bench [--json] [--only NAME] [--larder PATH] [--nginx PATH] [--rows N]

        --json         one JSON object instead of a table
        --only NAME    the benchmarks whose name begins with NAME
        --larder PATH  the server to measure; the larder beside this program by default
        --nginx PATH   the nginx to compare with; /usr/sbin/nginx by default
        --rows N       instead of all this, SQLite (rows-sqlite) and PostgreSQL (rows-postgres) with
                       N stored responses; ten million take some minutes and 10 GB below TMPDIR each

        The exit status is 1 when a figure misses its goal.
        """

    /// Everything that is measured; a new ecosystem adds its cases here.
    static func benchmarks(
        of server: any ServerUnderTest, nginx: String
    ) -> [any Benchmark] {
        [
            PageBenchmark(form: .json),
            PageBenchmark(form: .html),
            ProjectListBenchmark(),
            PackumentBenchmark(),
            HelmIndexBenchmark(),
            CrowdBenchmark(server: server),
            ServingBenchmark(server: server),
            HelmServingBenchmark(server: server, nginx: nginx),
        ]
    }

    /// Databases with very many rows, which are measured by themselves.
    static func rowsBenchmarks(_ count: Int) -> [any Benchmark] {
        [
            RowsBenchmark(name: "rows-sqlite", rowCount: count) { try SQLiteRows() },
            RowsBenchmark(name: "rows-postgres", rowCount: count) { try await PostgresRows() },
        ]
    }

    static func main() {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            FileHandle.standardError.write(Data((usage + "\n").utf8))
            exit(2)
        }
        var report = Report()
        let server = LarderServer(program: options.larder)
        let benchmarks =
            options.rows.map(rowsBenchmarks) ?? benchmarks(of: server, nginx: options.nginx)
        for benchmark in benchmarks where benchmark.name.hasPrefix(options.only) {
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
    var nginx = "/usr/sbin/nginx"
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
            case "--rows":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value >= 10_000 else {
                    return nil
                }
                rows = value
            default: return nil
            }
        }
    }
}
