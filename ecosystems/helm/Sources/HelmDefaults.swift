/// The public repositories that are there without configuration: the only place that names them.
package enum HelmDefaults {
    package struct Repository: Sendable, Hashable {
        package let name: String
        package let url: String
    }

    /// In the order in which the merged index asks them.
    package static let repositories = [
        Repository(name: "bitnami", url: "https://charts.bitnami.com/bitnami"),
        Repository(name: "argo", url: "https://argoproj.github.io/argo-helm"),
        Repository(
            name: "prometheus-community",
            url: "https://prometheus-community.github.io/helm-charts"),
        Repository(name: "grafana", url: "https://grafana.github.io/helm-charts"),
        Repository(name: "ingress-nginx", url: "https://kubernetes.github.io/ingress-nginx"),
        Repository(name: "jetstack", url: "https://charts.jetstack.io"),
    ]

    /// Registries whose tokens come from another origin, as they document it.
    package static let realms = [
        "registry-1.docker.io": "https://auth.docker.io/",
        "registry.gitlab.com": "https://gitlab.com/",
    ]
}
