import CommandLine
import Configuration
import Ecosystems
import Engine
import HTTPModel
import Linux
import LockFiles
import Policy

/// `larder sbom`: what a client, or everybody, got in a time, from the audit log.
enum MaterialsCommand {
    static func run(_ options: MaterialsOptions, _ settings: Settings) -> ExitStatus {
        do throws(CommandFailure) {
            var run = try Run(options, settings)
            for file in options.files { try run.take(file) }
            for remark in run.remarks { Larder.warn(remark) }
            let bytes = run.bill.cycloneDX(
                madeAt: Timestamp.text(Int64(SystemClock.unixSeconds)), by: Larder.version)
            do throws(Errno) {
                try StandardStream.output.write(bytes)
            } catch {
                throw CommandFailure("the list cannot be written: \(error)")
            }
            return .good
        } catch {
            return Larder.complain(error.description, status: error.status)
        }
    }

    /// What was asked for, and what was found so far.
    private struct Run {
        var bill = BillOfMaterials()
        private let client: String?
        /// Texts of times, which compare as the times do; the end is no part of it.
        private let since: String
        private let until: String
        /// By the upstream's label.
        private let adapters: [String: any EcosystemAdapter]
        private let sources: [String: String]
        private var damagedCount = 0
        private var unknownCount = 0

        init(_ options: MaterialsOptions, _ settings: Settings) throws(CommandFailure) {
            client = options.client
            since = try Self.moment(options.since, "--since") ?? ""
            until = try Self.moment(options.until, "--until", isEnd: true) ?? "~"
            let mounts: [Mount]
            do throws(StartFailure) {
                mounts = try Wiring.mounts(settings)
            } catch {
                throw CommandFailure(error.description, status: .misuse)
            }
            var adapters: [String: any EcosystemAdapter] = [:]
            for mount in mounts {
                if let label = mount.upstreamLabel { adapters[label] = mount.adapter }
            }
            self.adapters = adapters
            sources = try Self.sources(settings)
        }

        /// The URLs of what is not its ecosystem's usual upstream, by label.
        private static func sources(
            _ settings: Settings
        ) throws(CommandFailure) -> [String: String] {
            var sources: [String: String] = [:]
            for index in settings.pypi.indexes {
                sources["pypi/\(index.name)"] = index.source.upstream.url?.description
            }
            for scope in settings.npm.scopes {
                sources["npm/\(scope.name)"] = scope.upstream.url?.description
            }
            do throws(StartFailure) {
                for repository in try HelmMounts.repositories(settings) {
                    sources["helm/\(repository.name)"] = repository.upstream.url?.description
                }
            } catch {
                throw CommandFailure(error.description, status: .misuse)
            }
            return sources
        }

        /// As a text that is before those of the audit log from that second on.
        private static func moment(
            _ text: String?, _ option: String, isEnd: Bool = false
        ) throws(CommandFailure) -> String? {
            guard let text else { return nil }
            guard let moment = PolicyTime.date(text, isEnd: isEnd) else {
                throw CommandFailure(
                    "\(option) must be a time as 2026-11-23 or 2026-11-23T12:00:00Z",
                    status: .misuse)
            }
            // A day ends where the next one begins.
            let isDay = isEnd && text.utf8.count == 10
            return String(Timestamp.text(moment + (isDay ? 1 : 0)).dropLast())
        }

        var remarks: [String] {
            var remarks: [String] = []
            if damagedCount > 0 { remarks.append("\(damagedCount) lines are no lines of audit") }
            if unknownCount > 0 {
                remarks.append(
                    "\(unknownCount) files are of no configured upstream, or tell no version")
            }
            return remarks
        }

        /// Reads one log to its end, a megabyte at a time.
        mutating func take(_ path: String) throws(CommandFailure) {
            var rest: [UInt8] = []
            do throws(Errno) {
                var file = try SequentialFile(at: path == "-" ? "/dev/stdin" : path)
                while bill.hasRoom {
                    let piece = try file.next(limit: 1 << 20)
                    guard !piece.isEmpty else { break }
                    var lines = (rest + piece).split(
                        separator: 0x0A, omittingEmptySubsequences: false)
                    rest = lines.popLast().map { Array($0) } ?? []
                    for line in lines { take(line: Array(line)) }
                    // What stands in its place is no line either, and is counted once it ends.
                    if rest.count > AuditedFile.lineLimit { rest = [UInt8(ascii: "?")] }
                }
            } catch {
                throw CommandFailure("\(path) cannot be read: \(error)", status: .misuse)
            }
            guard bill.hasRoom else {
                throw CommandFailure(
                    "there are \(BillOfMaterials.limit) files or more; ask for a shorter time")
            }
            // One without an end may be whole all the same.
            take(line: rest)
        }

        private mutating func take(line: [UInt8]) {
            guard !line.isEmpty else { return }
            switch AuditedFile.read(line) {
            case .other: break
            case .damaged: damagedCount += 1
            case .file(let file): if isWanted(file) { take(file) }
            }
        }

        private func isWanted(_ file: AuditedFile) -> Bool {
            guard file.time >= since, file.time < until else { return false }
            return client == nil || client == file.client || client == file.token
        }

        private mutating func take(_ file: AuditedFile) {
            let release = adapters[file.upstream]?.release(ofArtifact: file.resource, version: nil)
            guard let release, let name = release.package, let version = release.version,
                let ecosystem = LockedPackage.Ecosystem(rawValue: file.ecosystem)
            else {
                unknownCount += 1
                return
            }
            // What lies beside a file, as its signature, is no part of it.
            guard release.artifact == file.resource else { return }
            let component = BillOfMaterials.Component(
                ecosystem, name, version: version,
                file: ecosystem == .pypi ? Self.lastPart(of: file.resource) : nil,
                source: sources[file.upstream])
            bill.add(component, sha256: file.sha256)
        }

        /// The name of a file whose resource is a part of its URL, still with its escapes.
        private static func lastPart(of resource: String) -> String {
            let part = resource.split(separator: "/").last ?? ""
            return PercentEncoding.decoded(part.utf8).map { String(decoding: $0, as: UTF8.self) }
                ?? String(part)
        }
    }
}
