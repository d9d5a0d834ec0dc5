extension Command {
    private static let onDatabase = """
        It works on the configured database, so it needs the settings of the server and no address
        of it; running servers follow within a second or two, all of them.
        """

    /// Tokens of clients, for where `auth.required` is true.
    static let tokens = [
        Command(
            words: ["token", "create"],
            summary: "make a token for a client; prints it, this once, and nothing else",
            details: """
                NAME is yours for it: letters, digits, dots, hyphens and underscores.
                A SCOPE is what it may read: all (without --scope), pypi, npm, helm, one upstream as
                helm:NAME, pypi:INDEX or npm:@SCOPE, pypi:upstream and npm:upstream for those
                without a name, or metrics. Give --scope once for each.
                A client sends it as the password of any user name (pip, uv, helm), or as npm's
                _authToken. Only its SHA-256 is kept: who loses it makes another one.
                \(onDatabase)
                Exit status 0 when it is made, 1 when the name is taken, 2 for wrong words.
                """,
            operands: .one("NAME"),
            options: [
                Option(name: "--scope", value: "SCOPE", summary: "what it may read (else all)"),
                Option(
                    name: "--expires", value: "AGE",
                    summary: "when it ends, as 12h or 30d, or never (else 90d)"),
                Option(name: "--admin", value: "", summary: "it may do what changes the server"),
            ] + operatorOptions,
            examples: [
                Example(
                    line: "larder token create ci --scope pypi --scope npm --expires 30d",
                    summary: "for build machines"),
                Example(
                    line: "larder token create prometheus --scope metrics --expires never",
                    summary: "for whoever reads /metrics"),
            ],
            invocation: { arguments in
                .tokenCreate(
                    TokenOptions(
                        name: arguments.operands.first ?? "",
                        scopes: arguments.all["--scope"] ?? [],
                        isAdmin: arguments.values["--admin"] != nil,
                        lifetime: arguments.values["--expires"]),
                    arguments.server)
            }),
        Command(
            words: ["token", "list"], summary: "list tokens: names, scopes and times, no secrets",
            details: """
                Last use is written down every half minute.
                Exit status 0, or 1 when the database does not answer.
                """,
            options: operatorOptions,
            examples: [
                Example(line: "larder token list", summary: "which end soon, who uses which")
            ],
            invocation: { .tokenList($0.server) }),
        Command(
            words: ["token", "revoke"], summary: "end a token now, on every server",
            details: """
                \(onDatabase)
                Answers that are being sent go on to their end.
                Exit status 0 when it is done, 1 when there is no token of this NAME.
                """,
            operands: .one("NAME"), options: operatorOptions,
            examples: [
                Example(line: "larder token revoke ci", summary: "it is refused from now on")
            ],
            invocation: { .tokenRevoke($0.operands.first ?? "", $0.server) }),
    ]
}
