internal import CPQ

/// What a statement gave; freed with its last reference.
@safe final class PostgresResult {
    private let result: OpaquePointer

    /// Takes over `result`, which nobody else may clear.
    init(owning result: OpaquePointer) {
        unsafe self.result = result
    }

    deinit { unsafe PQclear(result) }

    var status: ExecStatusType { unsafe PQresultStatus(result) }

    /// The code of a failure, unless the failure is this side's.
    var state: String? {
        // PG_DIAG_SQLSTATE is a character constant, which Swift does not import.
        unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map {
            unsafe String(cString: $0)
        }
    }

    var rowCount: Int { unsafe Int(PQntuples(result)) }

    /// Reads every row, in order.
    func rows<Element>(_ read: (PostgresRow) -> Element) -> [Element] {
        (0..<rowCount).map { read(PostgresRow(self, Int32($0))) }
    }

    /// The first integer; NULL and no row are nil.
    var integer: Int64? { rowCount > 0 ? PostgresRow(self, 0).integer(0) : nil }

    /// The bytes of a field; nil when it is NULL or there is no such field.
    fileprivate func bytes(_ row: Int32, _ column: Int32) -> [UInt8]? {
        guard row < Int32(rowCount), column >= 0, unsafe column < PQnfields(result),
            unsafe PQgetisnull(result, row, column) == 0,
            let start = unsafe PQgetvalue(result, row, column)
        else { return nil }
        let count = unsafe Int(PQgetlength(result, row, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}

// libpq does not change a finished result, and reading one needs no lock (its manual, "Behavior in
// Threaded Programs").
extension PostgresResult: @unchecked Sendable {}

/// One row of a result, whose fields are in binary form.
struct PostgresRow {
    private let result: PostgresResult
    private let row: Int32

    fileprivate init(_ result: PostgresResult, _ row: Int32) {
        self.result = result
        self.row = row
    }

    /// The value of a `bigint`.
    func integer(_ column: Int32) -> Int64? {
        guard let bytes = result.bytes(row, column), bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | Int64($1) }
    }

    func bytes(_ column: Int32) -> [UInt8]? { result.bytes(row, column) }

    func text(_ column: Int32) -> String? {
        result.bytes(row, column).map { String(decoding: $0, as: UTF8.self) }
    }
}
