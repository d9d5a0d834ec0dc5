import Backends
import Configuration
import Engine
import FoundationEssentials
import HTTPModel
import Linux
import Resources

/// What the commands beside a running server work with: its database, and its paths.
///
/// There is no way in over the network: whoever can write to the database may do all this.
struct OperatorDesk {
    let metadata: any MetadataStore
    private let close: @Sendable () async -> Void
    let finder: ResourceFinder
    /// Seconds since 1970.
    let now: Int64

    private init(_ settings: Settings) async throws {
        if case .sqlite(let path) = settings.database,
            !FileManager.default.fileExists(atPath: path)
        {
            throw CommandFailure(
                "there is no database \(path); are --config and --data those of the server?")
        }
        finder = ResourceFinder(
            mounts: try Wiring.mounts(settings), base: Wiring.rules(settings).base)
        let database = try await Wiring.database(settings)
        metadata = database.store
        close = database.close
        now = Int64(SystemClock.unixSeconds)
    }

    /// Opens the database for `work`, which says what to print.
    static func run(
        _ settings: Settings, _ work: (OperatorDesk) async throws -> String
    ) async -> ExitStatus {
        do {
            let desk = try await OperatorDesk(settings)
            do {
                let text = try await work(desk)
                await desk.close()
                return Larder.show(text + "\n")
            } catch {
                await desk.close()
                throw error
            }
        } catch let error as CommandFailure {
            return Larder.complain(error.description, status: error.status)
        } catch let error as StoreError {
            return Larder.complain("the database cannot be used: \(error)", status: .failed)
        } catch {
            return Larder.complain("\(error)", status: .failed)
        }
    }

    /// What a user's path, or URL of the server, names.
    func find(_ text: String) throws(CommandFailure) -> ResourceFinder.Found {
        let path = text.contains("://") ? AbsoluteURL(text)?.path ?? text : text
        switch finder.find(path) {
        case .found(let found): return found
        case .nothing(let reason):
            throw CommandFailure("\(text): \(reason)", status: .misuse)
        }
    }

    /// The document that a user's path names.
    func document(_ text: String) throws(CommandFailure) -> ResourceFinder.Found {
        let found = try find(text)
        guard found.resource.kind == .document else {
            throw CommandFailure(
                "\(text) is a file, which never changes; name the document that lists it",
                status: .misuse)
        }
        return found
    }

    /// Makes a document stale, so that the next request asks, and has running servers ask now.
    func want(_ key: CacheKey, _ held: StoredResponse?) async throws(StoreError) {
        if var stale = held {
            stale.lifetimeSeconds = 0
            try await metadata.freshen(stale)
        }
        try await metadata.note(Change(kind: .wanted, key: key), at: now)
    }

    func record(
        _ kind: StoredEvent.Kind, upstream: String, _ subject: String = ""
    ) async throws(StoreError) {
        try await metadata.record(
            StoredEvent(kind: kind, at: now, upstream: upstream, subject: subject))
    }
}

/// Why a command did not do what it was told: one line, and its exit status.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let status: ExitStatus

    init(_ description: String, status: ExitStatus = .failed) {
        self.description = description
        self.status = status
    }
}
