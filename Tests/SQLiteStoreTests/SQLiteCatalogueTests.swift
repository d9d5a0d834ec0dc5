import Conformance
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(5))) final class SQLiteCatalogueTests {
    let folder = ScratchFolder()

    var conformance: CatalogueConformance {
        CatalogueConformance { [folder] name, reads in
            try reads
                ? SQLiteMetadata(
                    folder: folder.path, name: name, coordinates: CatalogueConformance.coordinates)
                : SQLiteMetadata(folder: folder.path, name: name)
        } beginBacklog: { [folder] name in
            let connection = try SQLiteConnection(path: "\(folder.path)/\(name)")
            try connection.execute(
                "UPDATE package_backlog SET next_id = 0, last_id = (SELECT max(id) FROM responses)")
        } fill: { [folder] name, count in
            let connection = try SQLiteConnection(path: "\(folder.path)/\(name)")
            try connection.execute(
                """
                WITH RECURSIVE numbers (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < \(count))
                INSERT INTO packages (folded, ecosystem, location, name, file_count, byte_count,
                    newest_at)
                SELECT 'filler-' || i, 'npm', '', 'filler-' || i, 1, i, i FROM numbers
                """)
        }
    }

    @Test("packages follow what is stored and removed")
    func packages() async throws { try await conformance.packages() }

    @Test("a part of a name finds the package")
    func search() async throws { try await conformance.search() }

    @Test("a search looks at a bounded number of names")
    func boundedSearch() async throws { try await conformance.boundedSearch() }

    struct List: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let statement: String
        /// What the outermost step goes along.
        let index: String
    }

    static let lists = [
        List(
            testDescription: "newest", statement: SQLiteMetadata.newest, index: "packages_by_time"),
        List(
            testDescription: "largest", statement: SQLiteMetadata.largest, index: "packages_by_size"
        ),
    ]

    @Test("the first page's lists go along an index, and nothing is sorted", arguments: lists)
    func plan(_ list: List) async throws {
        let store = try SQLiteMetadata(folder: folder.path, name: "plan")
        await store.close()
        let connection = try SQLiteConnection(path: "\(folder.path)/plan")
        let steps = try connection.rows("EXPLAIN QUERY PLAN " + list.statement) {
            $0.text(3) ?? ""
        }
        #expect(steps.first == "SCAN packages USING INDEX \(list.index)", "\(steps)")
        #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
        #expect(steps.count { $0.hasPrefix("SCAN") } == 1, "\(steps)")
    }

    @Test("what was stored before is entered bit by bit")
    func backlog() async throws { try await conformance.backlog() }

    @Test("what was served is added up by hours, and goes after 35 days")
    func traffic() async throws { try await conformance.traffic() }
}
