/// What a lock file wants, and what of it no registry has.
package struct LockedPackages: Sendable, Hashable {
    /// Something that does not come from a registry that this server stands for.
    package struct Omission: Sendable, Hashable {
        package let title: String
        package let reason: String

        package init(title: String, reason: String) {
            self.title = title
            self.reason = reason
        }
    }

    /// In the order of the file, each once.
    package private(set) var packages: [LockedPackage] = []
    package private(set) var omissions: [Omission] = []
    private var seen: Set<LockedPackage> = []
    private var omitted: Set<Omission> = []

    package init() {}

    package mutating func add(_ package: LockedPackage) {
        if seen.insert(package).inserted { packages.append(package) }
    }

    package mutating func omit(_ title: String, _ reason: String) {
        let omission = Omission(title: title, reason: reason)
        if omitted.insert(omission).inserted { omissions.append(omission) }
    }

    package mutating func add(_ other: LockedPackages) {
        for package in other.packages { add(package) }
        for omission in other.omissions { omit(omission.title, omission.reason) }
    }
}
