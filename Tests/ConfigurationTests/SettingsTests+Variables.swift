extension SettingsTests {
    /// Each variable of the default document, and what it does.
    static let variables: [Variable] = [
        Variable(name: "LARDER_LISTEN", value: "[::1]:80", key: "listen", shown: "[::1]:80"),
        Variable(
            name: "LARDER_PUBLIC_URL", value: "https://Larder.example/x", key: "public_url",
            shown: "https://larder.example/x/"),
        Variable(
            name: "LARDER_ALLOWED_HOSTS", value: "a.example, b.example:81", key: "allowed_hosts",
            shown: "a.example,b.example:81"),
        Variable(
            name: "LARDER_TRUSTED_PROXIES", value: "10.0.0.0/8, ::1", key: "trusted_proxies",
            shown: "10.0.0.0/8,::1"),
        Variable(name: "LARDER_DATA", value: "/srv/l", key: "data", shown: "/srv/l"),
        Variable(name: "XDG_DATA_HOME", value: "/xdg", key: "data", shown: "/xdg/larder"),
        Variable(name: "HOME", value: "/h", key: "data", shown: "/h/.local/share/larder"),
        Variable(
            name: "DB_URL", value: "sqlite:///var/a%20b.db", key: "database",
            shown: "sqlite:///var/a%20b.db"),
        Variable(
            name: "DB_URL", value: "postgres://larder@db.example/larder?sslmode=verify-full",
            key: "database",
            shown: "postgresql://larder@db.example:5432/larder?sslmode=verify-full"),
        Variable(
            name: "LARDER_DATABASE_CONNECTIONS", value: "3", key: "database_connections",
            shown: "3"),
        Variable(
            name: "LARDER_STARTUP_WAIT_SECONDS", value: "0", key: "startup_wait_seconds",
            shown: "0"),
        Variable(
            name: "STORAGE_URL", value: "file:///var/blobs", key: "storage",
            shown: "file:///var/blobs"),
        Variable(
            name: "LARDER_CACHE_SIZE", value: "500MB", key: "cache.max_size", shown: "500000000"),
        Variable(name: "LARDER_CACHE_SIZE", value: "4 gib", key: "cache.max_size", shown: "4GiB"),
        Variable(name: "LARDER_FRESH_SECONDS", value: "0", key: "cache.fresh_seconds", shown: "0"),
        Variable(
            name: "LARDER_NEGATIVE_SECONDS", value: "9", key: "cache.negative_seconds", shown: "9"),
        Variable(
            name: "LARDER_PYPI_UPSTREAM", value: "http://index.example:3141/root/+simple",
            key: "pypi.upstream", shown: "http://index.example:3141/root/+simple/"),
        Variable(
            name: "LARDER_PYPI_FILES", value: "https://files.example/packages/", key: "pypi.files",
            shown: "https://files.example/packages/"),
        Variable(
            name: "LARDER_DRAIN_DELAY_SECONDS", value: "10", key: "drain_delay_seconds",
            shown: "10"),
        Variable(name: "LARDER_DRAIN_SECONDS", value: "90", key: "drain_seconds", shown: "90"),
        Variable(
            name: "LARDER_TIER_SIZE", value: "3GiB", key: "storage_tier.size", shown: "3GiB"),
        Variable(
            name: "LARDER_NPM_UPSTREAM", value: "https://registry.example", key: "npm.upstream",
            shown: "https://registry.example/"),
        Variable(name: "LARDER_NPM_AUDIT", value: "false", key: "npm.audit", shown: "false"),
        Variable(
            name: "LARDER_HELM_ON_MISMATCH", value: "pin", key: "helm.on_mismatch", shown: "pin"),
        Variable(
            name: "LARDER_HELM_KEEP_PRUNED", value: "true", key: "helm.keep_pruned", shown: "true"),
        Variable(
            name: "LARDER_METRICS_LISTEN", value: "0.0.0.0:9", key: "metrics_listen",
            shown: "0.0.0.0:9"),
        Variable(
            name: "LARDER_TLS_CERTIFICATE_FILE", value: "tls.crt", key: "tls.certificate_file",
            shown: "/srv/start/tls.crt", beside: ["LARDER_TLS_KEY_FILE": "/srv/tls.key"]),
        Variable(
            name: "LARDER_TLS_KEY_FILE", value: "/srv/tls.key", key: "tls.key_file",
            shown: "/srv/tls.key", beside: ["LARDER_TLS_CERTIFICATE_FILE": "/srv/tls.crt"]),
        Variable(
            name: "LARDER_TLS_MINIMUM_VERSION", value: "1.3", key: "tls.minimum_version",
            shown: "1.3"),
        Variable(
            name: "LARDER_UPSTREAM_CA_FILE", value: "ca.pem", key: "upstream_ca_file",
            shown: "/srv/start/ca.pem"),
        Variable(
            name: "LARDER_PROXY", value: "http://proxy.example:3128", key: "proxy",
            shown: "http://proxy.example:3128/"),
        Variable(name: "LARDER_LOG_REQUESTS", value: "false", key: "log.requests", shown: "false"),
        Variable(name: "LARDER_LOG_FORMAT", value: "text", key: "log.format", shown: "text"),
        Variable(
            name: "LARDER_AUTH_REQUIRED", value: "true", key: "auth.required", shown: "true"),
        Variable(
            name: "LARDER_AUTH_ANONYMOUS", value: "npm, helm:a", key: "auth.anonymous",
            shown: "npm,helm:a"),
        Variable(
            name: "LARDER_AUTH_OPEN_METRICS", value: "true", key: "auth.open_metrics",
            shown: "true"),
        Variable(
            name: "LARDER_POLICY_MODE", value: "dry-run", key: "policy.mode", shown: "dry-run"),
        Variable(
            name: "LARDER_POLICY_MINIMUM_AGE", value: "7d", key: "policy.minimum_age",
            shown: "7d"),
        Variable(
            name: "LARDER_POLICY_NOTHING_AFTER", value: "2026-11-23", key: "policy.nothing_after",
            shown: "2026-11-23T23:59:59Z"),
        Variable(
            name: "LARDER_POLICY_FILE", value: "/srv/policy.yaml", key: "policy.file",
            shown: "/srv/policy.yaml"),
        Variable(
            name: "LARDER_POLICY_MALWARE", value: "false", key: "policy.malware", shown: "false"),
        Variable(
            name: "LARDER_AUDIT_FILE", value: "/var/log/audit.json", key: "audit.file",
            shown: "/var/log/audit.json"),
        Variable(
            name: "LARDER_USE_ENVIRONMENT_PROXY", value: "true", key: "use_environment_proxy",
            shown: "true"),
    ]
}
