extension Command {
    /// What may be installed.
    static let policy = [
        Command(
            words: ["policy", "check"],
            summary: "check the policy, and say what it means for a document or file",
            details: """
                RESOURCE is a path or a URL of the server: /pypi/simple/NAME/, /npm/NAME, or a file's.
                Of a document each release is judged that is known now, of a file its own. Without
                RESOURCE the policy itself is checked.
                It reads the configured database and writes nothing.
                Exit status 0 when nothing is refused, 1 when something is, 2 when the policy is
                wrong or a RESOURCE is.
                """,
            operands: .any("RESOURCE"), options: operatorOptions,
            examples: [
                Example(line: "larder policy check", summary: "check settings and policy file"),
                Example(
                    line: "larder policy check /npm/left-pad",
                    summary: "what is refused of this package, and why"),
            ],
            invocation: { .policyCheck($0.operands, $0.server) }),
        Command(
            words: ["policy", "import"],
            summary: "import records of malicious packages, which are refused from then on",
            details: """
                FILE is a record of OSV's format whose id begins with MAL-, or a folder with such files
                below it, as in the repository of the OpenSSF. Records of other kinds are left out,
                those of npm and PyPI are kept. A later record of an id takes the place of an earlier
                one, and a withdrawn one goes.
                All is imported, or, when a file is damaged, nothing. Every server that has this
                database follows within a second or two, also for what is stored already; what is
                stored of it is listed.
                Exit status 0 when it is imported, 1 when it could not be, 2 for a wrong FILE.
                """,
            operands: .any("FILE"),
            options: operatorOptions + [
                Option(
                    name: "--replace", value: "",
                    summary: "forget all that was imported before")
            ],
            examples: [
                Example(
                    line: "larder policy import malicious-packages/osv",
                    summary: "import a clone of the whole collection"),
                Example(line: "larder policy import MAL-2025-46974.json", summary: "import one"),
            ],
            invocation: {
                .policyImport(
                    $0.operands, replaces: $0.values["--replace"] != nil, $0.server)
            }),
        Command(
            words: ["sbom"],
            summary: "list what was fetched, as a bill of materials (CycloneDX)",
            details: """
                FILE is a log that `audit.file` names, - standard input. Each file that was served
                whole is listed once, with its package URL and, where the log has it, its
                SHA-256; what a package brings inside it is not looked at. The list can be given to
                tools that know CycloneDX 1.6, and to `larder warm`.
                A TIME is a date or as 2026-11-23T12:00:00Z, in UTC; a day counts whole.
                It reads settings and logs alone, neither the database nor what is stored.
                Exit status 0, 1 when the list cannot be written or grows too long, 2 for wrong usage
                or a FILE that cannot be read.
                """,
            operands: .some("FILE"),
            options: [
                Option(
                    name: "--client", value: "CLIENT",
                    summary: "of this address, or this token's name, alone"),
                Option(name: "--since", value: "TIME", summary: "from this time on"),
                Option(name: "--until", value: "TIME", summary: "up to this time"),
            ] + operatorOptions,
            examples: [
                Example(
                    line: "larder sbom audit.jsonl > fetched.cdx.json", summary: "of everybody"),
                Example(
                    line: "larder sbom --client ci --since 2026-11-01 audit.jsonl",
                    summary: "what the token called ci fetched since then"),
                Example(
                    line: "zcat audit.jsonl.*.gz | larder sbom -", summary: "from older logs"),
            ],
            invocation: {
                .materials(
                    MaterialsOptions(
                        files: $0.operands, client: $0.values["--client"],
                        since: $0.values["--since"], until: $0.values["--until"]),
                    $0.server)
            }),
    ]
}
