/// A table while it is read: later headers add to it.
final class TOMLTable {
    private enum Entry {
        case value(LockValue)
        case table(TOMLTable)
        case tables([TOMLTable])
    }

    private var entries: [String: Entry] = [:]
    /// Whether a header of its own named it.
    var isDefined = false

    /// The table under a key, made when new; of a list of tables the last one.
    func table(_ key: String) -> TOMLTable? {
        switch entries[key] {
        case .table(let table): return table
        case .tables(let tables): return tables.last
        case .value: return nil
        case nil:
            let new = TOMLTable()
            entries[key] = .table(new)
            return new
        }
    }

    /// A new table at the end of a list of tables; nil where the key is something else.
    func appendTable(_ key: String) -> TOMLTable? {
        let new = TOMLTable()
        new.isDefined = true
        switch entries.removeValue(forKey: key) {
        case nil: entries[key] = .tables([new])
        case .tables(var tables):
            tables.append(new)
            entries[key] = .tables(tables)
        case .table, .value: return nil
        }
        return new
    }

    /// Whether the key was free.
    func set(_ key: String, _ value: LockValue) -> Bool {
        guard entries[key] == nil else { return false }
        entries[key] = .value(value)
        return true
    }

    var value: LockValue {
        .table(
            entries.mapValues { entry in
                switch entry {
                case .value(let value): value
                case .table(let table): table.value
                case .tables(let tables): .array(tables.map(\.value))
                }
            })
    }
}
