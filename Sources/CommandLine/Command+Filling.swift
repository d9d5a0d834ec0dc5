extension Command {
    /// What fills the server, and says what is in it.
    static let filling = [
        Command(
            words: ["warm"], summary: "let a running server fetch all that lock files want",
            details: """
                FILE is a requirements.txt (with -r and -c, and with hashes or fixed versions),
                uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.toml, package-lock.json,
                npm-shrinkwrap.json, yarn.lock, Chart.lock, Chart.yaml, or a list of materials as
                JSON (CycloneDX, SPDX). What it is, its name or its content tells.
                Each file that the lock lists is fetched, for all platforms, with its metadata; where
                a lock lists digests alone, all files with one of them; where it lists neither, all
                files of the version. Tools that build a package (setuptools and the like) are in no
                lock, and so are not fetched.
                Every file is read to its end and compared with the lock's digests. What is there
                already is quick, so that an interrupted run goes on when it is started again.
                It needs no settings but the server's address. With the server's settings it also
                knows which further index or chart repository a URL in a lock stands for.
                Exit status 0 when all is there, 1 when something failed or it was interrupted, 2
                for wrong usage or a file that cannot be read.
                """,
            operands: .some("FILE"),
            options: [
                Option(
                    name: "--server", value: "URL",
                    summary: "the server (else where `serve` listens)"),
                Option(
                    name: "--concurrency", value: "N", summary: "requests at once (8; 1 to 64)"),
                Option(
                    name: "--token-file", value: "FILE",
                    summary: "file with the token that the server asks for"),
            ] + serverOptions,
            examples: [
                Example(line: "larder warm uv.lock", summary: "for one project"),
                Example(
                    line: "larder warm --server https://larder.example package-lock.json",
                    summary: "through a server elsewhere"),
                Example(
                    line: "larder warm requirements.txt chart/Chart.lock",
                    summary: "several files at once"),
            ],
            invocation: {
                .warm(
                    WarmOptions(
                        files: $0.operands, address: $0.values["--server"],
                        concurrency: $0.values["--concurrency"],
                        tokenFile: $0.values["--token-file"]),
                    $0.server)
            }),
        Command(
            words: ["stats"], summary: "say what is stored and what it saved",
            details: """
                Everything is read in the database, so it is of all servers that share it. What was
                saved is that of the last 30 days, which servers write once a minute and when they
                stop, as on the landing page.
                Exit status 0, 1 when the database cannot be read, 2 for wrong usage.
                """,
            options: [Option(name: "--json", value: "", summary: "for programs")] + serverOptions,
            examples: [
                Example(line: "larder stats", summary: "as a table"),
                Example(line: "larder stats --json", summary: "for programs"),
            ],
            invocation: { .stats(isJSON: $0.values["--json"] != nil, $0.server) }),
    ]
}
