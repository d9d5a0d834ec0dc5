import Configuration
import Ecosystems
import Engine
import HTTPModel
import Helm

/// Helm's mounts: each repository at `/helm/<name>/`, and all of them as one at `/helm/`.
enum HelmMounts {
    private static let path = ["helm"]

    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        var mounts: [Mount] = []
        var adapters: [HelmAdapter] = []
        for repository in try repositories(settings) {
            guard let url = repository.upstream.url else { continue }
            let adapter = Self.adapter(repository, url, settings.helm)
            adapters.append(adapter)
            mounts.append(mount(adapter, url, repository.upstream, settings))
        }
        let all = HelmMergingAdapter(mount: path, repositories: adapters)
        return mounts + [Mount(path: path, merging: all)]
    }

    /// The operator's repositories, or the well-known ones.
    static func repositories(
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

    private static func adapter(
        _ repository: Settings.Helm.Repository, _ url: AbsoluteURL, _ settings: Settings.Helm
    ) -> HelmAdapter {
        HelmAdapter(
            mount: path + [repository.name],
            upstream: HelmUpstream(
                base: url,
                digestMismatch: (repository.onMismatch ?? settings.onMismatch).meaning,
                keepsPruned: repository.keepsPruned ?? settings.keepsPruned))
    }

    private static func mount(
        _ adapter: HelmAdapter, _ url: AbsoluteURL, _ upstream: Settings.Upstream,
        _ settings: Settings
    ) -> Mount {
        Mount(
            path: adapter.mount, adapter: adapter,
            // Charts are where their projects publish releases, behind redirects to anywhere.
            policy: upstream.policy(home: url, allowsAnyHost: true),
            freshness: upstream.freshness(settings))
    }
}

extension Settings.Helm.OnMismatch {
    fileprivate var meaning: DigestMismatch {
        switch self {
        case .refuse: .refuse
        case .pin: .pin
        case .warn: .warn
        }
    }
}
