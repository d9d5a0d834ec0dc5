/// Why there is no connection to a database server, as far as an operator can act on it.
package enum ConnectFault: String, Error, Sendable, Hashable, CustomStringConvertible {
    case unknownHost = "its host name is not known"
    case refused = "nothing accepts connections there"
    case timedOut = "it does not answer in time"
    case untrusted = "TLS failed, or its certificate is not trusted"
    case denied = "it denies the user name or the password"
    case noDatabase = "it has no database of that name"
    case notReady = "it is starting, stopping, or has no connection left"
    case broken = "the connection broke off"
    case unusable = "the connection cannot be made"

    package var description: String { rawValue }

    /// Whether waiting may help; asking again with a wrong password only locks the user out.
    package var mayPass: Bool { self != .denied && self != .untrusted }
}
