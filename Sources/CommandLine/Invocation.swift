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
    case sweep(SweepOptions, ServerOptions)
    case verify(repairs: Bool, ServerOptions)
    case migrate(MigrationOptions, ServerOptions)
    case healthcheck(ServerOptions)
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

/// A command line that was not understood; print the text on standard error, exit status 2.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, what was probably meant, and where help is: two lines.
    package let description: String
}
