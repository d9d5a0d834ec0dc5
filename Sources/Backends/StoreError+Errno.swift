package import Linux

extension StoreError {
    /// The failure of a system call in a store.
    package init(_ error: Errno, in operation: StaticOperation) {
        self = error.isOutOfSpace ? .full : .system(operation: operation, code: error.code)
    }
}
