/// The configuration that holds when there is no file, and below every file.
///
/// `larder config default` prints it. Its keys are the known keys; a key that is not in it is
/// refused everywhere.
package enum DefaultDocument {
    package static let text = #"""
        # The built-in configuration of Larder. Copy it to a file, keep the lines that you change, and
        # start `larder serve --config FILE` (or set LARDER_CONFIG). What a file does not say stays as it
        # is here. Values may hold variables: ${NAME}, ${NAME:-default}, ${NAME:?message}; $$ is a dollar
        # sign. Sizes are bytes, or a number with B, kB, MB, GB, TB, KiB, MiB, GiB, TiB.

        # Where to listen: an address and a port. 0.0.0.0:8080 is every IPv4 address, [::]:8080 IPv6 too.
        listen: ${LARDER_LISTEN:-127.0.0.1:8080}

        # The URL under which clients reach this server, perhaps with a path, as
        # https://larder.example/cache/. It is the beginning of the absolute URLs in answers, which npm and
        # the JSON API of PyPI need. Empty: the host of the request, if that is one of allowed_hosts, or
        # loopback in a request from this machine.
        public_url: ${LARDER_PUBLIC_URL:-}

        # Hosts that may appear in absolute URLs in answers while public_url is empty; a list, or one text
        # with commas. A host without a port is allowed at any port; name the port where strangers can
        # reach this server, since each base has renderings of its own. What needs such URLs and is asked
        # for under another host is answered 421.
        allowed_hosts: ${LARDER_ALLOWED_HOSTS:-localhost,127.0.0.1,[::1]}

        # Addresses, or blocks as 10.0.0.0/8, of proxies in front of this server; a list, or one text with
        # commas. Their X-Forwarded-Proto, -Host and -Prefix, or their Forwarded, say how a client reached
        # them (of several values the last); nobody else's are read. The host must be allowed all the same.
        trusted_proxies: ${LARDER_TRUSTED_PROXIES:-}

        # The folder for everything that is stored.
        data: ${LARDER_DATA:-${XDG_DATA_HOME:-${HOME:?or set LARDER_DATA to a folder}/.local/share}/larder}

        # What is known about the stored files: sqlite (in the data folder), sqlite:///path, or, for
        # several servers on one database, postgresql://user:password@host:port/database, perhaps with
        # ?sslmode=verify-full&sslrootcert=/path and the like. What a URL must escape is written %xx.
        database: ${DB_URL:-sqlite}
        # The most connections that this server makes to PostgreSQL ...
        database_connections: ${LARDER_DATABASE_CONNECTIONS:-8}
        # ... and how long its start waits for it.
        startup_wait_seconds: ${LARDER_STARTUP_WAIT_SECONDS:-60}

        # The files themselves: directory (in the data folder), file:///path, or a bucket that many
        # servers share: s3://bucket/prefix?endpoint=URL&region=NAME&path_style=true, or
        # gs://bucket/prefix?endpoint=URL. What is left out is as AWS's and Google's own tools take it,
        # and so are the credentials: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, a projected token, or
        # the metadata service; GOOGLE_APPLICATION_CREDENTIALS or the metadata server.
        storage: ${STORAGE_URL:-${STORAGE_BUCKET:-directory}}

        # The part of a bucket that is kept in the data folder, so that hits are files of this machine. It
        # may be lost at any time, but for what the bucket could not take yet.
        storage_tier:
          size: ${LARDER_TIER_SIZE:-10GiB}

        cache:
          # The most that stored files may take up.
          max_size: ${LARDER_CACHE_SIZE:-50GiB}
          # How long a document counts as fresh at most; a shorter lifetime from the upstream wins.
          fresh_seconds: ${LARDER_FRESH_SECONDS:-300}
          # How long "there is no such thing" from an upstream is believed.
          negative_seconds: ${LARDER_NEGATIVE_SECONDS:-30}

        pypi:
          # The index behind /pypi/simple/: the URL that one would give pip as index-url. Empty: the
          # public index. Instead of a URL, a map with url and any of: token or token_file; username with
          # password or password_file; fresh_seconds; hosts (further hosts that its files may come from);
          # private_addresses (true allows redirects and files at private addresses);
          # forbidden_means_absent (true: a 403 says that there is no such project, as object stores
          # answer); empty_means_absent (true: so does a page without files).
          upstream: ${LARDER_PYPI_UPSTREAM:-}
          # What /pypi/packages/ stands for. Empty: the public file host for the public index, else
          # packages/ beside the upstream's simple/.
          files: ${LARDER_PYPI_FILES:-}
          # Further indexes, each served at /pypi/NAME/simple/: a map of names, each with a URL or with
          # a map as above, which may also hold files, and owns: project names, or beginnings as acme-*,
          # for which no other index here is asked.
          indexes:

        npm:
          # The registry behind /npm/: the URL that one would set as npm's registry. Empty: the public
          # registry. Instead of a URL, a map with url and any of: token or token_file; username with
          # password or password_file; fresh_seconds; hosts (further hosts that its tarballs may come
          # from); private_addresses.
          upstream: ${LARDER_NPM_UPSTREAM:-}
          # Scopes with a registry of their own: a map of scopes, each in quotes, as "@acme", and each
          # with a URL or with a map as above. No other registry is asked about their packages: not in
          # a search, and not in an audit.
          scopes:
          # Whether audits are sent to the registry: they say which packages are in use.
          audit: ${LARDER_NPM_AUDIT:-true}

        helm:
          # Chart repositories, each served at /helm/NAME/, and all as one at /helm/, where the first that
          # has a chart owns it: a list of NAME=URL, one text with commas, or a map of names, each with a
          # URL or with a map of url and any of: token or token_file; username with password or
          # password_file; fresh_seconds; hosts with private_addresses (true allows charts and registries
          # at private addresses of these hosts, which may also give tokens for registries); on_mismatch
          # and keep_pruned, for this one alone. Charts may come from any public host, and the credential
          # goes to the repository's own alone. Empty: some well-known public repositories.
          repositories: ${LARDER_HELM_REPOSITORIES:-}
          # What it means when a chart's bytes are not those of the index's digest, also after the index
          # was asked for again: refuse (it is not served), pin (the first bytes are served and no others
          # later), or warn (it is served, and so are others later). All are counted and logged.
          on_mismatch: ${LARDER_HELM_ON_MISMATCH:-refuse}
          # Whether entries that a repository removes from its index stay in the one that is served, while
          # their charts are stored. Stored charts are served either way.
          keep_pruned: ${LARDER_HELM_KEEP_PRUNED:-false}

        # On SIGTERM: how long new connections are still accepted, so that a load balancer can notice ...
        drain_delay_seconds: ${LARDER_DRAIN_DELAY_SECONDS:-5}
        # ... and how long what is under way may then take.
        drain_seconds: ${LARDER_DRAIN_SECONDS:-60}

        # A second address that serves /metrics, /healthz and /readyz alone. Empty: only the first one.
        metrics_listen: ${LARDER_METRICS_LISTEN:-}

        tls:
          # A certificate with those up to its authority, and its private key, both in PEM: clients are then
          # answered over HTTPS at `listen`, and over nothing else. Files that change are read again within
          # 10 seconds. Empty: plain HTTP, as behind an Ingress.
          certificate_file: ${LARDER_TLS_CERTIFICATE_FILE:-}
          key_file: ${LARDER_TLS_KEY_FILE:-}
          # The oldest version of TLS that is spoken: 1.2 or 1.3.
          minimum_version: ${LARDER_TLS_MINIMUM_VERSION:-1.2}

        log:
          # Whether each request is a line on standard error; what concerns the server itself always is.
          requests: ${LARDER_LOG_REQUESTS:-true}
          # json for programs, text for people; auto: text on a terminal, JSON elsewhere.
          format: ${LARDER_LOG_FORMAT:-auto}

        auth:
          # Whether clients need a token, which `larder token create` makes: as the password of any user
          # name (pip, uv, helm), or as npm's _authToken. /healthz and /readyz stay open.
          required: ${LARDER_AUTH_REQUIRED:-false}
          # What may be read without one all the same: a list, or one text with commas, of scopes as
          # tokens have them: pypi, npm, helm, helm:NAME, pypi:INDEX, npm:@SCOPE, pypi:upstream.
          anonymous: ${LARDER_AUTH_ANONYMOUS:-}
          # Whether /metrics needs none on the first address; on metrics_listen it never does.
          open_metrics: ${LARDER_AUTH_OPEN_METRICS:-false}

        limits:
          # What one request head may hold.
          request_line_bytes: 8192
          header_bytes: 32768
          header_fields: 100
          # How long a head may take to arrive, and how long a connection may wait for its next request.
          header_seconds: 10
          idle_seconds: 60
          # How long a request body that is wanted may take in all, and how slowly it may come: a client
          # that sends less over the grace is answered 408.
          body_seconds: 60
          minimum_body_bytes_per_second: 1024
          minimum_body_grace_seconds: 10
          # Connections in all, and from one address or IPv6 network of 64 bits (build machines often
          # share one); for trusted_proxies only the first of the two holds. More are answered 503.
          connections: 10000
          connections_per_peer: 1000
          # Requests that wait for something that is not stored, over all connections; more are
          # answered 503.
          waiting_requests: 8192
          # A client that reads slower than this for longer than the grace is disconnected.
          minimum_read_bytes_per_second: 1024
          minimum_read_grace_seconds: 30
          # The largest document and the largest artifact taken from an upstream.
          document_bytes: 128MiB
          artifact_bytes: 16GiB
          # Fetches from upstreams at once.
          fills: 256

        removed:
          # A project that was removed upstream stays installable from what is stored when it was older
          # than this; a younger one is refused, since that is how malware goes.
          keep_after_days: 30

        policy:
          # What becomes of what the policy refuses: enforce, or dry-run (it is served and told of).
          mode: ${LARDER_POLICY_MODE:-enforce}
          # How long a release of PyPI or npm must have been published before it is served, as 7d or 36h;
          # what has no date is never served then. 0: no such rule.
          minimum_age: ${LARDER_POLICY_MINIMUM_AGE:-0}
          # Releases of PyPI and npm that were published later are not served, as 2026-11-23 (with that
          # day) or 2026-11-23T12:00:00Z. Empty: no such rule.
          nothing_after: ${LARDER_POLICY_NOTHING_AFTER:-}
          # A YAML file with minimum_age, block, allow and exceptions; see docs/policy.md. It is read again
          # on SIGHUP, with this section. Empty: none.
          file: ${LARDER_POLICY_FILE:-}
          # Whether what `larder policy import` has listed as malware is refused.
          malware: ${LARDER_POLICY_MALWARE:-true}

        audit:
          # A file that gets a line of JSON for each file that is served, and for each refusal of the
          # policy; - is standard output. Empty: none. It is opened again on SIGHUP.
          file: ${LARDER_AUDIT_FILE:-}

        # A PEM file with the certificates to trust for upstreams. Empty: the system's.
        upstream_ca_file: ${LARDER_UPSTREAM_CA_FILE:-}
        # A proxy for upstream requests, as http://proxy.example:3128. Empty: none.
        proxy: ${LARDER_PROXY:-}
        # Whether http_proxy, https_proxy and no_proxy are obeyed when proxy is empty.
        use_environment_proxy: ${LARDER_USE_ENVIRONMENT_PROXY:-false}

        """#

    private static let upstreamKeys = [
        "url", "token", "token_file", "username", "password", "password_file", "fresh_seconds",
        "hosts", "private_addresses",
    ]
    private static let indexKeys =
        upstreamKeys + ["forbidden_means_absent", "empty_means_absent"]

    static let repositoryKeys = upstreamKeys + ["on_mismatch", "keep_pruned"]

    /// Settings whose value may also be a map, with the keys of that map.
    private static let maps = ["pypi.upstream": indexKeys, "npm.upstream": upstreamKeys]

    /// Settings that are maps of the operator's own names, with the keys of each map in them.
    static let named = [
        "pypi.indexes": indexKeys + ["files", "owns"], "npm.scopes": upstreamKeys,
        "helm.repositories": repositoryKeys,
    ]

    /// First segments of paths below a mount, which no name may hide.
    static let reservedNames: Set = [
        "simple", "packages", "pypi", "integrity", "files", "upstream",
    ]

    private static let lists: Set = [
        "allowed_hosts", "trusted_proxies", "helm.repositories", "auth.anonymous",
    ]
    private static let listNames: Set = ["hosts", "owns"]

    /// The keys of the map that a setting may be instead of one value.
    static func keys(ofMap key: String) -> [String]? {
        if let keys = maps[key] { return keys }
        return parent(of: key).flatMap { named[$0] }
    }

    /// Whether a setting's value may also be a sequence.
    static func isList(_ key: String) -> Bool {
        guard !lists.contains(key), let parent = parent(of: key) else {
            return lists.contains(key)
        }
        return keys(ofMap: parent) != nil
            && listNames.contains(String(key.dropFirst(parent.utf8.count + 1)))
    }

    /// The keys from the outermost section to a setting; the operator's own names may hold dots.
    static func path(of key: String) -> [String] {
        for (parent, keys) in named where key.hasPrefix("\(parent).") {
            let start = parent.split(separator: ".").map(String.init)
            let rest = key.dropFirst(parent.utf8.count + 1)
            guard let dot = rest.lastIndex(of: ".") else { return start + [String(rest)] }
            let last = String(rest[rest.index(after: dot)...])
            return start + (keys.contains(last) ? [String(rest[..<dot]), last] : [String(rest)])
        }
        return key.split(separator: ".").map(String.init)
    }

    private static func parent(of key: String) -> String? {
        let path = path(of: key)
        return path.count > 1 ? path.dropLast().joined(separator: ".") : nil
    }
}
