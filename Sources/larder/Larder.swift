import CommandLine
import Configuration
import Dispatch
import Linux

/// The program: one command, its exit status.
///
/// 0 good, 1 the work failed, 2 wrong usage or configuration.
@main enum Larder {
    static let version = "0.1.0"

    static func main() {
        Task.detached {
            let status = await run(Array(Swift.CommandLine.arguments.dropFirst()))
            CurrentProcess.exit(status.rawValue)
        }
        // The main thread only sleeps. Given up to Dispatch, as with an asynchronous main, it ends in a
        // call of libdispatch's that valgrind 3.19 does not survive, and hits are counted with that.
        while true { DispatchSemaphore(value: 0).wait() }
    }

    private static func run(_ arguments: [String]) async -> ExitStatus {
        do {
            switch try Invocation(arguments: arguments) {
            case .help(let text): return show(text)
            case .version: return show(Versions.text)
            case .configurationDefault: return show(DefaultDocument.text)
            case .configurationShow(let options): return show(try settings(options).shown)
            case .configurationCheck(let options):
                _ = try PolicyWiring.rules(try settings(options))
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
            case .warm(let warm, let options):
                return await WarmCommand.run(warm, try settings(options))
            case .stats(let isJSON, let options):
                return await StatsCommand.run(isJSON: isJSON, try settings(options))
            case .materials(let materials, let options):
                return MaterialsCommand.run(materials, try settings(options))
            case .completions(let shell): return show(Completions.script(for: shell))
            case .manual: return show(ManualPage.text(version: version))
            case .healthcheck(let options, let server):
                return await Healthcheck.run(try settings(options), server: server)
            case .tokenCreate(let token, let options):
                return await TokenCommand.create(token, try settings(options))
            case .tokenList(let options): return await TokenCommand.list(try settings(options))
            case .tokenRevoke(let name, let options):
                return await TokenCommand.revoke(name, try settings(options))
            case .policyCheck(let resources, let options):
                return await PolicyCommand.check(resources, try settings(options))
            case .policyImport(let paths, let replaces, let options):
                return await PolicyCommand.take(paths, replaces: replaces, try settings(options))
            case .serve(let options):
                return await ServeCommand.run(try settings(options)) { try settings(options) }
            }
        } catch {
            return complain("\(error)", status: .misuse)
        }
    }

    /// Prints one or more lines on standard error.
    static func complain(_ text: String, status: ExitStatus) -> ExitStatus {
        warn(text)
        return status
    }

    static func warn(_ text: String) {
        try? StandardStream.error.write(Array("larder: \(text)\n".utf8))
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
