import Backends
import Configuration
import Engine
import FoundationEssentials
import Linux
import Resources

/// What the commands beside a running server work with: its database, and its paths.
///
/// There is no way in over the network: whoever can write to the database may do all this.
struct OperatorDesk {
    let store: any MetadataStore & Inventory & Catalogue
    private let close: @Sendable () async -> Void
    let finder: ResourceFinder
    /// Seconds since 1970.
    let now: Int64

    var metadata: any MetadataStore { store }
    var inventory: any Inventory { store }

    private init(_ settings: Settings, _ location: DatabaseLocation) async throws {
        if case .sqlite(let path) = location { try Self.expect(database: path) }
        finder = ResourceFinder(
            mounts: try Wiring.mounts(settings), base: Wiring.rules(settings).base)
        // A server that runs may be an older one, which would not know its own database any more.
        let database = try await Wiring.database(
            at: location, settings, migrates: false, beside: settings.storage)
        store = database.store
        close = database.close
        now = Int64(SystemClock.unixSeconds)
    }

    /// Makes sure that there is a database, which nobody else but a server makes.
    private static func expect(database path: String) throws(CommandFailure) {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        do throws(Errno) {
            _ = try Directory.open(parent.isEmpty ? "/" : parent)
        } catch {
            // What cannot be looked at may well be there.
            guard error == .noEntry else {
                throw CommandFailure("the database \(path) cannot be used: \(error)")
            }
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                "there is no database \(path); are --config and --data those of the server?")
        }
    }

    /// Opens the database for `work`, which says what to print.
    static func run(
        _ settings: Settings, _ work: (OperatorDesk) async throws -> String
    ) async -> ExitStatus {
        await answer(settings) { (try await work($0), .good) }
    }

    /// The same for work that tells how it went, perhaps with another database than the settings'.
    static func answer(
        _ settings: Settings, database: DatabaseLocation? = nil,
        _ work: (OperatorDesk) async throws -> (String, ExitStatus)
    ) async -> ExitStatus {
        do {
            let desk = try await OperatorDesk(settings, database ?? settings.database)
            do {
                let (text, status) = try await work(desk)
                await desk.close()
                let shown = Larder.show(text + "\n")
                return shown == .good ? status : shown
            } catch {
                await desk.close()
                throw error
            }
        } catch let error as CommandFailure {
            return Larder.complain(error.description, status: error.status)
        } catch let error as StartFailure {
            return Larder.complain(
                error.description, status: error.needsServer ? .failed : .misuse)
        } catch let error as StoreError {
            return Larder.complain("a store cannot be used: \(error)", status: .failed)
        } catch {
            return Larder.complain("\(error)", status: .failed)
        }
    }

    /// What a user's path, or URL of the server, names.
    func find(_ text: String) throws(CommandFailure) -> ResourceFinder.Found {
        switch finder.find(text) {
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
