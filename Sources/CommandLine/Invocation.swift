/// What the command line asks for; one case for each command.
package enum Invocation: Equatable, Sendable {
    case serve(ServerOptions)
    case configurationCheck(ServerOptions)
    case configurationShow(ServerOptions)
    case configurationDefault
    /// The resource's path; nil lists what is held back.
    case accept(String?, ServerOptions)
    case refresh(String, ServerOptions)
    case purge(String, ServerOptions)
    case drillStatus(ServerOptions)
    /// The upstreams' labels; none for all.
    case drillStart([String], ServerOptions)
    case drillStop([String], ServerOptions)
    /// The resources' paths; none for the policy as a whole.
    case policyCheck([String], ServerOptions)
    /// Files and folders; `replaces` forgets what was imported before.
    case policyImport([String], replaces: Bool, ServerOptions)
    case sweep(SweepOptions, ServerOptions)
    case verify(repairs: Bool, ServerOptions)
    case migrate(MigrationOptions, ServerOptions)
    case warm(WarmOptions, ServerOptions)
    case stats(isJSON: Bool, ServerOptions)
    case materials(MaterialsOptions, ServerOptions)
    case completions(Shell)
    /// The manual page, as roff.
    case manual
    /// Another server's URL; nil asks the one that the settings are of.
    case healthcheck(ServerOptions, server: String? = nil)
    case tokenCreate(TokenOptions, ServerOptions)
    case tokenList(ServerOptions)
    case tokenRevoke(String, ServerOptions)
    case version
    /// The text to print on standard output; exit status 0.
    case help(String)
}

/// The options that all commands share which need to know the server's settings.
package struct ServerOptions: Equatable, Sendable {
    /// `nil`: `LARDER_CONFIG`, else the built-in configuration.
    package var configurationFile: String?
    package var listen: String?
    package var folder: String?

    package init(configurationFile: String? = nil, listen: String? = nil, folder: String? = nil) {
        self.configurationFile = configurationFile
        self.listen = listen
        self.folder = folder
    }
}

/// What `larder gc` is told.
package struct SweepOptions: Equatable, Sendable {
    /// As it was given, such as `36h`; nil for the usual one.
    package var age: String?
    /// Whether safety limits are left out.
    package var isForced = false
    /// Whether nothing is removed.
    package var isDryRun = false

    package init(age: String? = nil, isForced: Bool = false, isDryRun: Bool = false) {
        self.age = age
        self.isForced = isForced
        self.isDryRun = isDryRun
    }
}

/// What `larder migrate` is told: URLs of databases and stores.
package struct MigrationOptions: Equatable, Sendable {
    package var sources: [String]
    package var targets: [String]

    package init(sources: [String], targets: [String]) {
        self.sources = sources
        self.targets = targets
    }
}

/// What `larder warm` is told.
package struct WarmOptions: Equatable, Sendable {
    /// Paths of lock files; at least one.
    package var files: [String]
    /// The server's URL as it was given; nil for the one of the settings.
    package var address: String?
    /// As it was given.
    package var concurrency: String?
    package var tokenFile: String?

    package init(
        files: [String], address: String? = nil, concurrency: String? = nil,
        tokenFile: String? = nil
    ) {
        self.files = files
        self.address = address
        self.concurrency = concurrency
        self.tokenFile = tokenFile
    }
}

/// What `larder sbom` is told.
package struct MaterialsOptions: Equatable, Sendable {
    /// Paths of audit logs, `-` for standard input; at least one.
    package var files: [String]
    /// An address or the name of a token; nil for everybody.
    package var client: String?
    /// As they were given.
    package var since: String?
    package var until: String?

    package init(
        files: [String], client: String? = nil, since: String? = nil, until: String? = nil
    ) {
        self.files = files
        self.client = client
        self.since = since
        self.until = until
    }
}

/// A shell that completions are made for.
package enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish
}

/// What `larder token create` is told.
package struct TokenOptions: Equatable, Sendable {
    package var name: String
    /// As they were given; none for everything.
    package var scopes: [String]
    package var isAdmin: Bool
    /// As it was given, such as `90d` or `never`; nil for the usual one.
    package var lifetime: String?

    package init(
        name: String, scopes: [String] = [], isAdmin: Bool = false, lifetime: String? = nil
    ) {
        self.name = name
        self.scopes = scopes
        self.isAdmin = isAdmin
        self.lifetime = lifetime
    }
}

/// A command line that was not understood; print the text on standard error, exit status 2.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, what was probably meant, and where help is: two lines.
    package let description: String
}
