internal import Backends

/// How a transaction, or the wait for one, can fail.
enum PostgresFailure: Error, Hashable {
    /// The server refused a statement; nothing of the transaction is stored.
    case state(SQLState)
    /// The connection broke off; whether the transaction is stored is not known.
    case lost
    /// There was no connection to begin with.
    case unreachable(ConnectFault)
    /// The answer did not come in time; whether the transaction is stored is not known.
    case timedOut
    /// Too much waits, or it has waited for too long.
    case busy
    case closed
}

extension StoreError {
    init(_ failure: PostgresFailure) {
        switch failure {
        case .state(let state): self.init(state)
        case .lost, .unreachable: self = .unreachable
        case .timedOut, .busy: self = .busy
        case .closed: self = .closed
        }
    }

    private init(_ state: SQLState) {
        switch state {
        case .diskFull: self = .full
        // Serialization failures and deadlocks that came again and again are load, too.
        case .serializationFailure, .deadlock, .queryCancelled, .lockNotAvailable:
            self = .busy
        default: self = .refused(state)
        }
    }
}

extension StoreOpenError {
    init(_ failure: PostgresFailure) {
        switch failure {
        case .state(.notPermitted): self = .notPermitted
        // A table of another program's has the name or not the columns of one of ours.
        case .state(.duplicateTable), .state(.undefinedColumn): self = .foreignDatabase
        case .state(let state): self = .refused(state)
        case .unreachable(let fault): self = .unreachable(fault)
        case .lost: self = .unreachable(.broken)
        case .timedOut, .busy, .closed: self = .unreachable(.timedOut)
        }
    }
}

extension SQLState {
    static let serializationFailure = SQLState(known: "40001")
    static let deadlock = SQLState(known: "40P01")
    static let readOnly = SQLState(known: "25006")
    static let queryCancelled = SQLState(known: "57014")
    static let lockNotAvailable = SQLState(known: "55P03")
    static let diskFull = SQLState(known: "53100")
    static let notPermitted = SQLState(known: "42501")
    static let undefinedTable = SQLState(known: "42P01")
    static let undefinedColumn = SQLState(known: "42703")
    static let duplicateTable = SQLState(known: "42P07")
    /// Raised by our own migration: another server was faster.
    static let schemaMoved = SQLState(known: "LD001")
    /// Raised by our own function: another server has stored another version of a document.
    static let versionMoved = SQLState(known: "LD002")

    /// Whether the server ended the connection with it: it was stopped, an operator ended the
    /// session, or a proxy in between lost its server.
    var endsConnection: Bool {
        description.hasPrefix("08") || description.hasPrefix("57P")
            || self == SQLState(known: "25P03")
    }
}
