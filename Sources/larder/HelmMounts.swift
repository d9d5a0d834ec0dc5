import Backends
import CacheRules
import Configuration
import Engine
import HTTPModel
import Helm

/// Helm's mounts: each repository at `/helm/<name>/`.
enum HelmMounts {
    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        let repositories = settings.helm.repositories
        guard repositories.isEmpty else {
            return repositories.compactMap { repository in
                repository.upstream.url.map {
                    mount(repository.name, $0, repository.upstream, settings)
                }
            }
        }
        return try HelmDefaults.repositories.map { (repository) throws(StartFailure) in
            guard let url = AbsoluteURL(repository.url) else {
                throw StartFailure("helm.repositories.\(repository.name) is no URL")
            }
            return mount(repository.name, url, nil, settings)
        }
    }

    private static func mount(
        _ name: String, _ url: AbsoluteURL, _ upstream: Settings.Upstream?, _ settings: Settings
    ) -> Mount {
        let path = ["helm", name]
        let repository = HelmUpstream(base: url)
        return Mount(
            path: path, adapter: HelmAdapter(mount: path, upstream: repository),
            // Charts are where their projects publish releases, behind redirects to anywhere.
            policy: UpstreamPolicy(
                home: url.origin, hosts: Set(upstream?.hosts.map(\.host) ?? []),
                allowsAnyHost: true,
                allowsPrivateAddresses: upstream?.allowsPrivateAddresses ?? false,
                credential: upstream?.credential?.authorization),
            freshness: FreshnessRule(
                ceilingSeconds: Int64(upstream?.freshSeconds ?? settings.freshSeconds)))
    }
}
