import Backends
import Configuration
import Ecosystems
import Engine
import HTTPModel
import Policy
import Resources

/// `larder policy`: what the policy says, and the list of malware.
enum PolicyCommand {
    // MARK: check

    static func check(_ resources: [String], _ settings: Settings) async -> ExitStatus {
        let rules: PolicyRules
        do throws(PolicyError) {
            rules = try PolicyWiring.rules(settings)
        } catch {
            return Larder.complain(error.description, status: .misuse)
        }
        guard !resources.isEmpty else {
            return Larder.show("the policy is right: \(summary(of: rules))\n")
        }
        return await OperatorDesk.answer(settings) { desk in
            let book = PolicyBook(schemes: PolicyWiring.schemes, rules: rules)
            if let list = try await desk.metadata.malwareList(after: 0) {
                book.adopt(try MalwareFeed(stored: list.bytes), revision: list.revision)
            }
            let mounts = try Wiring.mounts(settings)
            var lines: [String] = []
            var isRefused = false
            for resource in resources {
                let found = try desk.find(resource)
                let known = KnownReleases(inventory: desk.inventory, mounts: mounts)
                for release in try await known.releases(of: found) {
                    let verdict = release.verdict(book, at: desk.now)
                    isRefused = isRefused || verdict != .allowed
                    lines.append(
                        "\(release.name): \(verdict.refusal?.sentence ?? "allowed")")
                }
            }
            guard !lines.isEmpty else {
                throw CommandFailure("nothing is known of that; ask the server for it first")
            }
            return (lines.joined(separator: "\n"), isRefused ? .failed : .good)
        }
    }

    private static func summary(of rules: PolicyRules) -> String {
        let parts = [
            rules.mode.rawValue, "\(rules.ages.count) ages", "\(rules.blocked.count) blocked",
            "\(rules.allowed.count) allowed", "\(rules.exceptions.count) exceptions",
        ]
        let end = rules.nothingAfter.map { ["nothing after \(Timestamp.text($0))"] } ?? []
        return (parts + end).joined(separator: ", ")
    }

    // MARK: import

    static func take(
        _ paths: [String], replaces: Bool, _ settings: Settings
    ) async -> ExitStatus {
        guard !paths.isEmpty else {
            return Larder.complain("\"policy import\" needs a FILE", status: .misuse)
        }
        let records: [OSVRecord]
        do {
            records = try OSVFiles.read(paths)
        } catch {
            return Larder.complain("\(error)", status: .misuse)
        }
        return await OperatorDesk.run(settings) { desk in
            var feed = MalwareFeed()
            while true {
                let stored = try await desk.metadata.malwareList(after: 0)
                feed = MalwareFeed()
                if !replaces, let stored { feed = try MalwareFeed(stored: stored.bytes) }
                feed.take(records)
                let revision = try await desk.metadata.storeMalwareList(
                    feed.stored, after: stored?.revision ?? 0, at: desk.now)
                // Somebody else imported in between: theirs and these.
                if revision != nil { break }
            }
            let found = try await stored(of: feed, desk, settings)
            return (["imported: \(records.count) records, \(feed.count) listed now"] + found)
                .joined(separator: "\n")
        }
    }

    /// What is stored of malware: each file with its last use.
    private static func stored(
        of feed: MalwareFeed, _ desk: OperatorDesk, _ settings: Settings
    ) async throws -> [String] {
        let book = PolicyBook(schemes: PolicyWiring.schemes)
        book.adopt(feed, revision: 1)
        let mounts = try Wiring.mounts(settings)
        var lines: [String] = []
        var last = CacheKey(stored: "a ")
        while true {
            let page = try await desk.inventory.rows(after: last, limit: 1_000)
            for row in page.rows {
                guard row.response.key.text.hasPrefix("a ") else { return lines }
                guard let file = KnownReleases.file(row.response.key, mounts),
                    let refusal = file.verdict(book, at: desk.now).refusal
                else { continue }
                lines.append(
                    "stored, and refused from now on: \(file.name) "
                        + "(\(refusal.reason); last served \(Timestamp.text(row.usedAt)))")
            }
            guard let next = page.next else { return lines }
            last = next
        }
    }
}
