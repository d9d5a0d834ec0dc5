import Backends
import Ecosystems
import Engine
import Policy
import Resources

/// What is known of releases without a server.
struct KnownReleases {
    struct Known {
        let name: String
        let ecosystem: String
        let package: String
        let release: KnownRelease

        func verdict(_ book: PolicyBook, at now: Int64) -> PolicyVerdict {
            book.rules(for: package, of: ecosystem)?.ruling(on: release, at: now).verdict
                ?? .allowed
        }
    }

    let inventory: any Inventory
    let mounts: [Mount]

    /// A file alone, or all files of what a document speaks of.
    func releases(of found: ResourceFinder.Found) async throws -> [Known] {
        for mount in mounts {
            let adapter = mount.adapter
            guard found.key.resource(of: adapter.identity) == found.resource else { continue }
            if found.resource.kind == .artifact {
                let main = adapter.release(ofArtifact: found.resource.name, version: nil).artifact
                return try await facts(of: mount) { $0 == main }
            }
            switch adapter.scope(ofDocument: found.resource.name) {
            case .package(let package):
                return try await facts(of: mount) {
                    adapter.release(ofArtifact: $0, version: nil).package == package
                }
            case .all: return try await facts(of: mount) { _ in true }
            case .release(let release):
                return [
                    Known(
                        name: found.resource.name, ecosystem: adapter.identity.ecosystem,
                        package: release.package,
                        release: KnownRelease(version: release.version, publishedAt: nil))
                ]
            case .nothing: return []
            }
        }
        return []
    }

    /// The files of a mount that a document names, but for what lies beside them.
    private func facts(
        of mount: Mount, where isWanted: (String) -> Bool
    ) async throws -> [Known] {
        let adapter = mount.adapter
        let prefix = CacheKey(.artifact(""), of: adapter.identity)
        var last = prefix
        var found: [Known] = []
        while true {
            let page = try await inventory.facts(after: last, limit: 1_000)
            for row in page.rows {
                guard let name = row.artifact.resource(of: adapter.identity)?.name else {
                    if !row.artifact.text.hasPrefix(prefix.text) { return found }
                    continue
                }
                let fact = row.fact
                let named = adapter.release(ofArtifact: name, version: fact.version)
                guard named.artifact == name, isWanted(name) else { continue }
                found.append(
                    Known(
                        name: name, ecosystem: adapter.identity.ecosystem,
                        package: named.package ?? "",
                        release: KnownRelease(
                            version: named.version, publishedAt: fact.publishedAt)))
            }
            guard let next = page.next else { return found }
            last = next
        }
    }

    /// A stored file by its name alone.
    static func file(_ key: CacheKey, _ mounts: [Mount]) -> Known? {
        for mount in mounts {
            guard let resource = key.resource(of: mount.adapter.identity) else { continue }
            let named = mount.adapter.release(ofArtifact: resource.name, version: nil)
            guard let package = named.package else { return nil }
            return Known(
                name: "\(mount.adapter.identity.name)/\(resource.name)",
                ecosystem: mount.adapter.identity.ecosystem, package: package,
                release: KnownRelease(version: named.version, publishedAt: nil))
        }
        return nil
    }
}
