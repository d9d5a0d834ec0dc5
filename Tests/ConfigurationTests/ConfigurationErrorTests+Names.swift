extension ConfigurationErrorTests {
    /// Keys that are wrong, or stand where they do not belong.
    static let names: [Row] = [
        Row(
            testDescription: "unknown key, near a known one",
            file: "listen: 127.0.0.1:1\nlisen: x\n",
            problems: ["larder.yaml:2: lisen: is not a known key; did you mean listen?"]),
        Row(
            testDescription: "unknown key in a section", file: "cache:\n  max_sise: 1GB\n",
            problems: [
                "larder.yaml:2: cache.max_sise: is not a known key; did you mean cache.max_size?"
            ]),
        Row(
            testDescription: "known key in the wrong section", file: "max_size: 1GB\n",
            problems: [
                "larder.yaml:1: max_size: is not a known key here; did you mean cache.max_size?"
            ]),
        Row(
            testDescription: "unknown key, near nothing", file: "removed:\n  sunshine: 1\n",
            problems: [
                "larder.yaml:2: removed.sunshine: is not a known key; known here: keep_after_days"
            ]),
        Row(
            testDescription: "unknown key in an upstream",
            file: "pypi:\n  upstream:\n    tokn_file: /t\n",
            problems: [
                "larder.yaml:3: pypi.upstream.tokn_file: is not a known key; "
                    + "did you mean pypi.upstream.token_file?"
            ]),
        Row(
            testDescription: "a value where a section should be", file: "removed: 5\n",
            problems: [
                "larder.yaml:1: removed: must be a section with keys of its own: keep_after_days"
            ]),
        Row(
            testDescription: "a section where a value should be",
            file: "drain_seconds:\n  a: 1\n",
            problems: ["larder.yaml:2: drain_seconds: must be one value"]),
        Row(
            testDescription: "a list where a value should be", file: "drain_seconds: [1]\n",
            problems: ["larder.yaml:1: drain_seconds: must be one value"]),
        Row(
            testDescription: "a list of lists", file: "allowed_hosts: [[a]]\n",
            problems: ["larder.yaml:1: allowed_hosts: must be a list of plain values"]),
        Row(
            testDescription: "a map where a list should be",
            file: "pypi: {upstream: {hosts: {a: b}}}\n",
            problems: ["larder.yaml:1: pypi.upstream.hosts: must be a value or a list"]),
        Row(
            testDescription: "no keys at all", file: "pypi:\n  - upstream\n",
            problems: [
                "larder.yaml:2: pypi: must be a section with keys of its own: upstream, files, "
                    + "indexes"
            ]),
        Row(
            testDescription: "broken YAML", file: "listen: [1\ncache: 2\n",
            problems: [
                "larder.yaml:2: not valid YAML: did not find expected ',' or ']' (column 6)"
            ]),
        Row(
            testDescription: "the same key twice", file: "data: /a\ndata: /b\n",
            problems: ["larder.yaml:2: this key stands already on line 1 (column 1)"]),
        Row(testDescription: "an empty section is fine", file: "cache:\n", problems: []),
        Row(testDescription: "an empty file is fine", file: "# nothing\n", problems: []),
    ]
}
