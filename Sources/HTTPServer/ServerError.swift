package import Linux

/// Why a server does not start.
package enum ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another process listens there.
    case addressInUse
    /// The address is none of this machine, or not ours to use.
    case addressNotAvailable(Errno)
    /// The kernel refused a descriptor or a thread.
    case outOfResources(Errno)

    package var description: String {
        switch self {
        case .addressInUse: "the address is in use by another process"
        case .addressNotAvailable(let error): "the address cannot be listened on: \(error)"
        case .outOfResources(let error): "the server cannot be set up: \(error)"
        }
    }
}
