import Configuration
import Engine
import HTTPModel
import Helm

/// Helm's mounts: each repository at `/helm/<name>/`.
enum HelmMounts {
    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        try repositories(settings).compactMap { repository in
            repository.upstream.url.map {
                mount(repository.name, $0, repository.upstream, settings)
            }
        }
    }

    /// The operator's repositories, or the well-known ones.
    private static func repositories(
        _ settings: Settings
    ) throws(StartFailure) -> [Settings.Helm.Repository] {
        guard settings.helm.repositories.isEmpty else { return settings.helm.repositories }
        return try HelmDefaults.repositories.map { (repository) throws(StartFailure) in
            guard let url = AbsoluteURL(repository.url) else {
                throw StartFailure("helm.repositories.\(repository.name) is no URL")
            }
            return Settings.Helm.Repository(
                name: repository.name, upstream: Settings.Upstream(at: url))
        }
    }

    private static func mount(
        _ name: String, _ url: AbsoluteURL, _ upstream: Settings.Upstream, _ settings: Settings
    ) -> Mount {
        let path = ["helm", name]
        // Charts in registries stay there until somebody here can fetch from one.
        let repository = HelmUpstream(base: url, registryCharts: .passedThrough)
        return Mount(
            path: path, adapter: HelmAdapter(mount: path, upstream: repository),
            // Charts are where their projects publish releases, behind redirects to anywhere.
            policy: upstream.policy(home: url, allowsAnyHost: true),
            freshness: upstream.freshness(settings))
    }
}
