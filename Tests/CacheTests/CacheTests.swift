import Foundation
import Testing

/// http-tests/cache-tests, as docs/conformance.md has it.
@Suite(.enabled(if: SuiteRun.isPossible, "there is no Node, or raw-server is not built"))
struct CacheTests {
    static let suites = [
        "cc-freshness", "cc-parse", "age-parse", "expires", "expires-parse", "cc-response",
        "heuristic", "stale", "conditional-lm", "conditional-inm", "update304", "partial",
        "headers", "vary", "vary-parse", "status", "other", "cdn-cache-control",
    ]

    @Test(
        "a test of the suite passes, or is a deviation that is listed", .timeLimit(.minutes(2)),
        arguments: suites)
    func suite(_ name: String) async throws {
        let rows = try await SuiteRun.rows.value.filter { $0.suite == name }
        let reasons = try Deviations.all.get().reasons
        #expect(!rows.isEmpty)
        for row in rows {
            switch reasons[row.id] {
            case nil: #expect(row.passes, "\(row.id): \(row.reason)")
            case let reason?: #expect(!row.passes, "\(row.id) passes, though \(reason)")
            }
        }
    }

    @Test("every test that runs is looked at, and every deviation runs", .timeLimit(.minutes(2)))
    func complete() async throws {
        let rows = try await SuiteRun.rows.value
        let ids = Set(rows.map(\.id))
        #expect(Set(rows.map(\.suite)) == Set(Self.suites))
        #expect(ids.count == rows.count && rows.count == 203)
        for id in try Deviations.all.get().reasons.keys { #expect(ids.contains(id), "\(id)") }
    }

    @Test(
        "but for the deviations no recorded cache passes more than Larder",
        .timeLimit(.minutes(2)), arguments: SuiteRun.caches)
    func comparison(_ cache: String) async throws {
        let reasons = try Deviations.all.get().reasons
        let rows = try await SuiteRun.rows.value.filter { reasons[$0.id] == nil }
        let ours = rows.count { $0.passes }
        let theirs = rows.count { $0.recorded.contains(cache) }
        #expect(theirs > 0 && theirs <= ours)
    }

    @Test("docs/conformance.md has the figures of this run", .timeLimit(.minutes(2)))
    func documentation() async throws {
        let page = try String(
            contentsOf: SuiteRun.root.appending(path: "docs/conformance.md"), encoding: .utf8)
        let reasons = try Deviations.all.get().reasons
        let rows = try await SuiteRun.rows.value
        let rest = rows.filter { reasons[$0.id] == nil }
        let lines =
            Self.suites.map { name in Self.line(name, rows.filter { $0.suite == name }) }
            + [Self.line("all", rows), Self.line("all but deviations", rest)]
        // Not the whole page in the record of a failure.
        for words in lines + Set(reasons.values) {
            let isThere = page.contains(words)
            #expect(isThere, "\(words)")
        }
    }

    /// A line of the table: tests, passed by Larder, passed by each cache.
    private static func line(_ name: String, _ rows: [SuiteRun.Row]) -> String {
        let counts =
            [rows.count, rows.count { $0.passes }]
            + SuiteRun.caches.map { cache in rows.count { $0.recorded.contains(cache) } }
        return "| \(name) | " + counts.map(String.init).joined(separator: " | ") + " |"
    }
}
