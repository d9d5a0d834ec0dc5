extension Command {
    private static let onDatabase = """
        It writes to the configured database, so it needs the settings of the server and no address
        of it; a running server follows within a second or two.
        """
    private static let resource = """
        RESOURCE is a path or a URL of the server: /pypi/simple/NAME/, /npm/NAME,
        /helm/NAME/index.yaml.
        """
    /// An address of the server is none of their business.
    static let operatorOptions = serverOptions.filter { $0.name != "--listen" }

    /// What operators do beside a running server.
    static let operating = [
        Command(
            words: ["accept"],
            summary: "take the upstream's version of a document that is held back",
            details: """
                Without RESOURCE: lists what is held back, and why.
                \(resource)
                The next version that the upstream sends within a day is taken as it is, once, and
                the upstream is asked for it now.
                \(onDatabase)
                Exit status 0 when it is accepted, 1 when nothing of it is held back or what is held
                back is no document, 2 for a wrong RESOURCE.
                """,
            operands: .oneOrNone("RESOURCE"), options: operatorOptions,
            examples: [
                Example(line: "larder accept", summary: "list what is held back"),
                Example(
                    line: "larder accept /helm/acme/index.yaml",
                    summary: "take the next index of this repository"),
            ],
            invocation: { .accept($0.operands.first, $0.server) }),
        Command(
            words: ["refresh"], summary: "ask the upstream now whether a document is another one",
            details: """
                \(resource)
                Clients get what is stored until the upstream has answered.
                \(onDatabase)
                Exit status 0 when it is noted, 1 when it could not be, 2 for a wrong RESOURCE.
                """,
            operands: .one("RESOURCE"), options: operatorOptions,
            examples: [
                Example(
                    line: "larder refresh /pypi/simple/requests/",
                    summary: "see a release that came out just now")
            ],
            invocation: { .refresh($0.operands.first ?? "", $0.server) }),
        Command(
            words: ["purge"], summary: "forget a stored document or file",
            details: """
                RESOURCE is a path of the server, as in its URLs: a document, or a file.
                The next request fetches it anew; while the upstream is down there is none.
                The digest with which a file was first seen is kept: other bytes under its name are
                refused after a purge as before.
                \(onDatabase)
                The page of a withdrawn project stays, since it keeps the project's files away.
                Exit status 0 when it is forgotten, 1 when it was not stored or has to stay, 2 for a
                wrong RESOURCE.
                """,
            operands: .one("RESOURCE"), options: operatorOptions,
            examples: [
                Example(line: "larder purge /npm/left-pad", summary: "forget a package's document"),
                Example(
                    line: "larder purge /helm/acme/web-1.0.0.tgz", summary: "forget one chart"),
            ],
            invocation: { .purge($0.operands.first ?? "", $0.server) }),
        drill(
            "status", "show which upstreams are cut off", operands: .none,
            example: Example(line: "larder drill", summary: "the same as larder drill status"),
            invocation: { .drillStatus($0.server) }),
        drill(
            "start", "cut upstreams off, to rehearse an outage", operands: .any("UPSTREAM"),
            example: Example(
                line: "larder drill start pypi helm/acme",
                summary: "rehearse an outage of these two"),
            invocation: { .drillStart($0.operands, $0.server) }),
        drill(
            "stop", "let upstreams be asked again", operands: .any("UPSTREAM"),
            example: Example(line: "larder drill stop", summary: "end the rehearsal"),
            invocation: { .drillStop($0.operands, $0.server) }),
    ]

    private static func drill(
        _ word: String, _ summary: String, operands: Operands, example: Example,
        invocation: @escaping @Sendable (Arguments) -> Invocation
    ) -> Command {
        Command(
            words: ["drill", word], summary: summary,
            details: """
                No connection is made to an upstream that is cut off, and everything else is as in a
                real outage: breakers open, stale documents are served, metrics and log say so.
                UPSTREAM is the name of one upstream (pypi, npm, helm/NAME); without one, all are
                meant. A drill goes on until it is stopped, also over a restart of the server.
                \(onDatabase)
                Exit status 0 when it is done, 1 when it could not be, 2 for an unknown UPSTREAM.
                """,
            operands: operands, options: operatorOptions, examples: [example],
            invocation: invocation)
    }
}
