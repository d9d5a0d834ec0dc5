extension Command {
    private static let beside = """
        Servers may go on meanwhile. It needs the settings of the server, for its database and its
        files.
        """

    /// What keeps the store in order, and moves it.
    static let keeping = [
        Command(
            words: ["gc"], summary: "free room: evict down to the limit, remove what nothing needs",
            details: """
                First it evicts what was used longest ago, as the server does, where more is stored
                than cache.max_size. Then it removes files that no row of the database has, when
                nobody stored them for a day, and what interrupted work left.
                \(beside)
                On a bucket it also looks through this machine's folder before it.
                Exit status 0 when it is done, 1 when it could not be, 2 for wrong usage.
                """,
            options: operatorOptions + [
                Option(
                    name: "--older-than", value: "AGE",
                    summary:
                        "age from which unneeded files go, as 36h, 90m or 2d (24h; at least 1h)"
                ),
                Option(
                    name: "--dry-run", value: "", summary: "say what would go, and remove nothing"),
                Option(
                    name: "--force", value: "",
                    summary: "any age or amount, an empty database; only while no server runs"),
            ],
            examples: [
                Example(line: "larder gc --dry-run", summary: "see what would go"),
                Example(line: "larder gc", summary: "free room now"),
                Example(
                    line: "larder gc --older-than 7d", summary: "leave what is younger than a week"),
            ],
            invocation: {
                .sweep(
                    SweepOptions(
                        age: $0.values["--older-than"], isForced: $0.values["--force"] != nil,
                        isDryRun: $0.values["--dry-run"] != nil), $0.server)
            }),
        Command(
            words: ["verify"], summary: "read every stored file, and compare it with the database",
            details: """
                Says which files have other bytes than when they were stored (damaged), which rows
                have no file (missing), and how much no row needs (larder gc removes that).
                With --repair it sets damaged files aside and removes the rows of what is damaged or
                missing, so that the next request fetches it anew. The digests with which files were
                first seen are kept, and so are pages that keep a withdrawn project away.
                \(beside)
                Exit status 0 when all is well, 1 when something is damaged or missing, repaired or
                not, 2 for wrong usage.
                """,
            options: operatorOptions + [
                Option(
                    name: "--repair", value: "",
                    summary: "drop what is wrong, so that it is fetched again")
            ],
            examples: [
                Example(line: "larder verify", summary: "read everything, change nothing"),
                Example(line: "larder verify --repair", summary: "and drop what is wrong"),
            ],
            invocation: { .verify(repairs: $0.values["--repair"] != nil, $0.server) }),
        Command(
            words: ["migrate"], summary: "copy database and files to other places",
            details: """
                URL is that of a database (sqlite:///path, postgresql://user:password@host/name) or
                of a place for files (file:///folder, s3://bucket/prefix, gs://bucket/prefix), as in
                the settings; --from and --to may be given twice, once for each. What --from does not
                name is that of the settings. A password is better left out of a URL, since everybody who
                may list processes sees it: libpq's PGPASSWORD or password file is taken then
                (PGPASSFILE, else ~/.pgpass). Keys of a bucket come from where a server takes them.
                No server may run on the target; the source may be in use: then migrate once more,
                after the old servers have stopped, for what came in meanwhile.
                Every file's digest is verified. Started again, it goes on where it was. Nothing of
                the source is changed. A file that the target first saw with another digest stays
                behind, and is reported. Renderings stay behind, since servers make them anew.
                Exit status 0 when all is copied, 1 when something is missing, differs or failed, 2
                for wrong usage.
                """,
            options: operatorOptions + [
                Option(name: "--from", value: "URL", summary: "where it is (else as configured)"),
                Option(name: "--to", value: "URL", summary: "where it is copied to"),
            ],
            examples: [
                Example(
                    line: "larder migrate --to postgresql://larder@db/larder",
                    summary: "the database, into PostgreSQL"),
                Example(
                    line: "larder migrate --from file:///srv/larder --to s3://files",
                    summary: "the files, into a bucket"),
            ],
            invocation: {
                .migrate(
                    MigrationOptions(
                        sources: $0.all["--from"] ?? [], targets: $0.all["--to"] ?? []), $0.server)
            }),
    ]
}
