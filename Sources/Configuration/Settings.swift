package import HTTPModel

/// What the operator decided, checked and complete.
package struct Settings: Equatable, Sendable {
    package let listen: ListenAddress
    /// The base of absolute URLs that we make; `nil`: as the request's host says, if it is allowed.
    package let publicURL: AbsoluteURL?
    /// Hosts beside loopback that may appear in URLs that we make.
    package let allowedHosts: [HostAndPort]
    /// Peers whose `Forwarded` and `X-Forwarded-*` are believed.
    package let trustedProxies: [AddressBlock]
    /// The absolute path of the folder for everything stored (`data`); it may not exist yet.
    package let folder: String
    package let database: DatabaseLocation
    /// The most connections to a database server.
    package let databaseConnections: Int
    /// How long a start waits for a database server that cannot be reached.
    package let startupWaitSeconds: Int
    package let storage: StorageLocation
    /// How much of a bucket is kept on this machine as well.
    package let tierSizeBytes: Int
    package let storeSizeBytes: Int
    /// The longest freshness lifetime of a document.
    package let freshSeconds: Int
    /// How long an upstream's "absent" is believed.
    package let negativeSeconds: Int
    package let pypi: PyPI
    package let npm: NPM
    package let helm: Helm
    package let drainDelaySeconds: Int
    package let drainSeconds: Int
    package let metricsListen: ListenAddress?
    /// How clients are answered over HTTPS; `nil` for plain HTTP.
    package let tls: TLS?
    package let log: Log
    package let auth: Auth
    package let limits: Limits
    package let removed: Removed
    package let policy: Policy
    /// Where served files are noted: a path, or `-`; `nil` where nobody wants to know.
    package let auditFile: String?
    /// A PEM file that replaces the system's trusted certificates for upstreams.
    package let upstreamCAFile: String?
    package let proxy: Proxy?
    package let useEnvironmentProxy: Bool

    /// Every setting with its origin, in the order of the default document.
    package let entries: [Entry]

    package struct PyPI: Equatable, Sendable {
        /// The index behind `/pypi/simple/`.
        package let main: Source
        package let indexes: [Index]

        package var upstream: Upstream { main.upstream }
        package var files: AbsoluteURL? { main.files }

        /// Where an index comes from, and how its answers are read.
        package struct Source: Equatable, Sendable {
            package let upstream: Upstream
            /// `nil`: as the adapter derives it from the upstream.
            package let files: AbsoluteURL?
            /// Whether a 403 means that there is no such thing.
            package let isAbsentWhenForbidden: Bool
            /// Whether a page without files means that there is no such project.
            package let isAbsentWhenEmpty: Bool
        }

        /// A further index, at `/pypi/<name>/simple/`.
        package struct Index: Equatable, Sendable {
            package let name: String
            package let source: Source
            /// Projects that no other index is asked for: names, or beginnings with a `*`.
            package let owns: [String]
        }
    }

    package struct NPM: Equatable, Sendable {
        /// The registry behind `/npm/`.
        package let upstream: Upstream
        package let scopes: [Scope]
        package let sendsAudits: Bool

        /// A scope with a registry of its own.
        package struct Scope: Equatable, Sendable {
            /// With its `@`.
            package let name: String
            package let upstream: Upstream
        }
    }

    package struct Helm: Equatable, Sendable {
        /// In the operator's order; empty: the ecosystem's own default.
        package let repositories: [Repository]
        package let onMismatch: OnMismatch
        /// Whether entries stay in an index whose charts are stored, when the upstream removes them.
        package let keepsPruned: Bool

        /// A chart repository, at `/helm/<name>/`.
        package struct Repository: Equatable, Sendable {
            package let name: String
            package let upstream: Upstream
            /// What it has of its own; nil: as all others.
            package let onMismatch: OnMismatch?
            package let keepsPruned: Bool?

            package init(
                name: String, upstream: Upstream, onMismatch: OnMismatch? = nil,
                keepsPruned: Bool? = nil
            ) {
                self.name = name
                self.upstream = upstream
                self.onMismatch = onMismatch
                self.keepsPruned = keepsPruned
            }
        }

        /// What it means when a chart's bytes are not those of its digest.
        package enum OnMismatch: String, Equatable, Sendable, CaseIterable {
            case refuse, pin, warn
        }
    }

    package struct Upstream: Equatable, Sendable {
        /// `nil`: the ecosystem's own default.
        package let url: AbsoluteURL?
        package let credential: Credential?
        /// `nil`: as ``Settings/freshSeconds``.
        package let freshSeconds: Int?
        /// Further hosts that files may come from.
        package let hosts: [HostAndPort]
        /// Whether redirects and files may lead to private addresses.
        package let allowsPrivateAddresses: Bool
    }

    package struct Log: Equatable, Sendable {
        /// Whether each request is a line.
        package let hasRequests: Bool
        package let format: Format

        package enum Format: String, Equatable, Sendable, CaseIterable {
            /// As whoever reads it needs it: a person at a terminal, or a program.
            case auto
            case json, text
        }
    }

    /// Who may read.
    package struct Auth: Equatable, Sendable {
        /// Whether clients need a token.
        package let isRequired: Bool
        /// The scopes of those who come without one.
        package let anonymous: [String]
        /// Whether metrics need none on the first address.
        package let opensMetrics: Bool
    }

    package struct Limits: Equatable, Sendable {
        package let requestLineBytes: Int
        package let headerBytes: Int
        package let headerFields: Int
        package let headerSeconds: Int
        package let idleSeconds: Int
        package let bodySeconds: Int
        package let minimumBodyBytesPerSecond: Int
        package let minimumBodyGraceSeconds: Int
        package let connections: Int
        package let connectionsPerPeer: Int
        package let waitingRequests: Int
        package let minimumReadBytesPerSecond: Int
        package let minimumReadGraceSeconds: Int
        package let documentBytes: Int
        package let artifactBytes: Int
        package let fills: Int
    }

    /// What of the policy is not in a file of its own.
    package struct Policy: Equatable, Sendable {
        /// Whether what is refused is served all the same, and told of.
        package let isDryRun: Bool
        /// In seconds.
        package let minimumAge: Int64
        /// In seconds since 1970.
        package let nothingAfter: Int64?
        package let file: String?
        package let matchesMalware: Bool
    }

    package struct Removed: Equatable, Sendable {
        /// The age in days from which a project that upstream removed stays installable.
        package let keepAfterDays: Int
    }

    /// One setting as `config show` prints it.
    package struct Entry: Equatable, Sendable {
        package let key: String
        /// The value in use; `***` for a secret, empty when it is not set.
        package let text: String
        package let origin: Origin
    }
}

extension Settings.Upstream {
    /// An upstream of which nothing but its URL is said.
    package init(at url: AbsoluteURL) {
        self.init(
            url: url, credential: nil, freshSeconds: nil, hosts: [], allowsPrivateAddresses: false)
    }
}
