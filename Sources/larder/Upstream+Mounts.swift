import Backends
import CacheRules
import Configuration
import HTTPModel

/// What an upstream's settings mean for the mount that asks it.
extension Settings.Upstream {
    /// What may be asked of this upstream, which is at `home`.
    func policy(
        home: AbsoluteURL, named: Set<AbsoluteURL.Origin> = [], allowsAnyHost: Bool = false
    ) -> UpstreamPolicy {
        UpstreamPolicy(
            home: home.origin, named: named, hosts: Set(hosts.map(\.host)),
            allowsAnyHost: allowsAnyHost, allowsPrivateAddresses: allowsPrivateAddresses,
            credential: credential?.authorization)
    }

    /// How long its documents are fresh.
    func freshness(_ settings: Settings) -> FreshnessRule {
        FreshnessRule(ceilingSeconds: Int64(freshSeconds ?? settings.freshSeconds))
    }
}
