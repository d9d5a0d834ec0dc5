import CommandLine
import Configuration
import Linux

/// The program: one command, its exit status.
///
/// 0 good, 1 the work failed, 2 wrong usage or configuration.
@main enum Larder {
    static let version = "0.1.0"

    static func main() async {
        let status = await run(Array(Swift.CommandLine.arguments.dropFirst()))
        CurrentProcess.exit(status.rawValue)
    }

    private static func run(_ arguments: [String]) async -> ExitStatus {
        do {
            switch try Invocation(arguments: arguments) {
            case .help(let text): return show(text)
            case .version: return show(Versions.text)
            case .configurationDefault: return show(DefaultDocument.text)
            case .configurationShow(let options): return show(try settings(options).shown)
            case .configurationCheck(let options):
                _ = try settings(options)
                return show("the configuration is right\n")
            case .accept(let resource?, let options):
                return await AcceptCommand.run(resource, try settings(options))
            case .accept(nil, let options): return await AcceptCommand.list(try settings(options))
            case .refresh(let resource, let options):
                return await RefreshCommand.run(resource, try settings(options))
            case .purge(let resource, let options):
                return await PurgeCommand.run(resource, try settings(options))
            case .drillStatus(let options): return await DrillCommand.status(try settings(options))
            case .drillStart(let upstreams, let options):
                return await DrillCommand.start(upstreams, try settings(options))
            case .drillStop(let upstreams, let options):
                return await DrillCommand.stop(upstreams, try settings(options))
            case .sweep(let sweep, let options):
                return await SweepCommand.run(sweep, try settings(options))
            case .verify(let repairs, let options):
                return await VerifyCommand.run(repairs: repairs, try settings(options))
            case .migrate(let migration, let options):
                return await MigrateCommand.run(migration, try settings(options))
            case .healthcheck(let options): return await Healthcheck.run(try settings(options))
            case .serve(let options): return await ServeCommand.run(try settings(options))
            }
        } catch {
            return complain("\(error)", status: .misuse)
        }
    }

    /// Prints one or more lines on standard error.
    static func complain(_ text: String, status: ExitStatus) -> ExitStatus {
        try? StandardStream.error.write(Array("larder: \(text)\n".utf8))
        return status
    }

    static func show(_ text: String) -> ExitStatus {
        do throws(Errno) {
            try StandardStream.output.write(Array(text.utf8))
            return .good
        } catch {
            return .failed
        }
    }
}

/// The exit statuses that scripts may rely on.
enum ExitStatus: Int32 {
    case good = 0
    case failed = 1
    case misuse = 2
}
