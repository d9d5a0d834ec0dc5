internal import Backends
internal import Digests
internal import Resources

/// All rows by the order of their bodies, read page by page.
struct RowStream {
    private static let pageCount = 500

    private let inventory: any Inventory
    private var page: ArraySlice<StoredRow> = []
    private var mark: BodyMark?
    private var isAtEnd = false

    init(_ inventory: any Inventory) {
        self.inventory = inventory
    }

    /// The next row, which stays the next one; nil after the last.
    mutating func peek() async throws(StoreError) -> StoredRow? {
        while page.isEmpty, !isAtEnd {
            let next = try await inventory.rows(afterBody: mark, limit: Self.pageCount)
            page = next.rows[...]
            mark = next.next
            isAtEnd = next.next == nil
        }
        return page.first
    }

    mutating func advance() {
        page = page.dropFirst()
    }

    /// The rows of one body, when it is the next one; those of lesser bodies are still before it.
    mutating func rows(of body: BlobDigest) async throws(StoreError) -> [StoredRow] {
        var rows: [StoredRow] = []
        while let row = try await peek(), row.response.body == body {
            rows.append(row)
            advance()
        }
        return rows
    }
}
