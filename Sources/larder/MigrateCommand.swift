import Backends
import CommandLine
import Configuration
import DiskStore
import Engine
import Upkeep
import Upstream

/// `larder migrate`: copies database and files to other places.
enum MigrateCommand {
    static func run(_ options: MigrationOptions, _ settings: Settings) async -> ExitStatus {
        let source: (database: DatabaseLocation?, storage: StorageLocation?)
        let target: (database: DatabaseLocation?, storage: StorageLocation?)
        do throws(CommandFailure) {
            source = try places(options.sources, of: "--from")
            target = try places(options.targets, of: "--to")
            guard target.database != nil || target.storage != nil else {
                throw CommandFailure("--to is needed: where it is copied to", status: .misuse)
            }
            for (from, to) in [
                (source.database == nil, target.database == nil),
                (source.storage == nil, target.storage == nil),
            ] where !from && to {
                throw CommandFailure(
                    "--from names what no --to is for: a database goes into a database, and files "
                        + "into a place for files", status: .misuse)
            }
        } catch {
            return Larder.complain(error.description, status: error.status)
        }
        let from = (source.database ?? settings.database, source.storage ?? settings.storage)
        guard from.0 != target.database, from.1 != target.storage else {
            return Larder.complain("source and target are the same", status: .misuse)
        }
        return await OperatorDesk.answer(settings, database: from.0) { desk in
            try await copy(desk, from: from.1, to: target, settings)
        }
    }

    private static func places(
        _ urls: [String], of option: String
    ) throws(CommandFailure) -> (database: DatabaseLocation?, storage: StorageLocation?) {
        var found: (database: DatabaseLocation?, storage: StorageLocation?) = (nil, nil)
        for url in urls {
            do throws(NamedStoreProblem) {
                switch try NamedStore(url) {
                case .database(let location) where found.database == nil: found.database = location
                case .storage(let location) where found.storage == nil: found.storage = location
                default:
                    throw NamedStoreProblem(description: "two URLs of one kind")
                }
            } catch {
                throw CommandFailure("\(option): \(error)", status: .misuse)
            }
        }
        if case .postgres(let location) = found.database, location.password != nil {
            Larder.warn(
                "warning: whoever lists the processes of this machine sees the password that "
                    + "\(option) has; leave it out, and put it into PGPASSWORD or a password file "
                    + "(PGPASSFILE, or ~/.pgpass)")
        }
        return found
    }

    private static func copy(
        _ desk: OperatorDesk, from storage: StorageLocation,
        to target: (database: DatabaseLocation?, storage: StorageLocation?), _ settings: Settings
    ) async throws -> (String, ExitStatus) {
        let client = try Wiring.client(settings)
        defer { client.close() }
        var blobs: (any BlobInventory)?
        var newBlobs: (any BlobTarget)?
        if let place = target.storage {
            blobs = try inventory(storage, client)
            newBlobs = try blobTarget(place, client)
        }
        // Last, since it makes the tables where there are none.
        let database: OpenDatabase?
        if let location = target.database {
            database = try await Wiring.database(at: location, settings)
        } else {
            database = nil
        }
        let line = ProgressLine()
        let route = Migration.Route(
            rows: desk.store, blobs: blobs, newRows: database?.store, newBlobs: newBlobs)
        let result: Result<Migration.Report, StoreError>
        do throws(StoreError) {
            result = .success(try await Migration(route, watch: line.watch).run())
        } catch {
            result = .failure(error)
        }
        line.end()
        await database?.close()
        switch result {
        case .success(let report): return (text(report), report.isGood ? .good : .failed)
        case .failure(let error):
            throw CommandFailure("stopped: \(error); run it again, and it goes on from there")
        }
    }

    private static func inventory(
        _ place: StorageLocation, _ client: CurlClient
    ) throws -> any BlobInventory {
        switch place {
        case .directory(let path):
            guard let folder = try StorePlaces.folder(path) else {
                throw CommandFailure("there are no files of a Larder in \(path)", status: .misuse)
            }
            return folder
        case .bucket(let location): return try StorePlaces.bucket(location, client)
        }
    }

    private static func blobTarget(
        _ place: StorageLocation, _ client: CurlClient
    ) throws -> any BlobTarget {
        switch place {
        case .directory(let path):
            do throws(StoreOpenError) {
                return try DiskBlobs(path: path)
            } catch {
                throw CommandFailure("the folder \(path) cannot be used: \(error)")
            }
        case .bucket(let location): return try StorePlaces.bucket(location, client)
        }
    }

    private static func text(_ report: Migration.Report) -> String {
        [
            report.isGood ? "copied:" : "copied, but not all:",
            "  files: \(report.blobs.count) (\(ProgressText.size(report.blobs.byteCount))), "
                + "and \(report.presentCount) were there",
            "  rows: \(report.rowCount), facts: \(report.factCount), pins: \(report.pinCount)",
            "  files that are lost at the source: \(report.lostCount)",
            "  files that have another pin there: \(report.conflictCount)",
        ].joined(separator: "\n")
    }
}
