import Configuration
import Engine
import HTTPModel
import NPM

/// npm's mounts: the registry behind `/npm/`, one for each scope with a registry of its own, and what
/// clients ask for at the root.
///
/// All are at one path, and scopes come first: the first mount that claims a request answers it.
enum NPMMounts {
    static let path = ["npm"]

    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        let npm = settings.npm
        guard let registry = npm.upstream.url ?? AbsoluteURL(NPMDefaults.registry) else {
            throw StartFailure("npm.upstream is no URL")
        }
        let scopes = Set(npm.scopes.map(\.name))
        var mounts: [Mount] = []
        for scope in npm.scopes {
            guard let url = scope.upstream.url else { continue }
            let own = NPMUpstream(
                registry: url, scopes: [scope.name], elsewhere: scopes, audits: npm.sendsAudits)
            mounts += try pair("npm.scopes.\(scope.name)", own, scope.upstream, settings)
        }
        let main = NPMUpstream(
            registry: registry, elsewhere: scopes, audits: npm.sendsAudits)
        return mounts + (try pair("npm.upstream", main, npm.upstream, settings))
    }

    /// The mount of a registry, and that of its aliases at the root.
    private static func pair(
        _ key: String, _ registry: NPMUpstream?, _ upstream: Settings.Upstream,
        _ settings: Settings
    ) throws(StartFailure) -> [Mount] {
        guard let registry else { throw StartFailure("\(key): its URL must end in a slash") }
        let policy = upstream.policy(home: registry.registry)
        let freshness = upstream.freshness(settings)
        return [false, true].map { servesRoot in
            Mount(
                path: servesRoot ? [] : path,
                adapter: NPMAdapter(mount: path, upstream: registry, servesRoot: servesRoot),
                policy: policy, freshness: freshness)
        }
    }
}
