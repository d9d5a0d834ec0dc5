package import Resources

/// What is stored, seen as packages, and how much was served: what people look at.
///
/// Kept in the transactions that store and remove files, so that it is never older than they are.
/// What was stored before there was a catalogue is entered by ``enterBacklog()``.
package protocol Catalogue: Sendable {
    /// The packages whose name holds a text in folded form (``PackageCoordinates/folded(_:)``):
    /// that very name first, then those that begin with it, shorter ones before longer ones.
    ///
    /// Names that begin with it are found by an index. Those that have it inside are looked for
    /// among the `count` packages that came last, so that a search of 200,000 takes tens of
    /// milliseconds however many there are.
    func packages(
        holding text: String, among count: Int, limit: Int
    ) async throws(StoreError) -> [StoredPackage]

    /// The packages of which a file was stored last, newest first.
    func newestPackages(limit: Int) async throws(StoreError) -> [StoredPackage]

    /// The packages that take most space, largest first.
    func largestPackages(limit: Int) async throws(StoreError) -> [StoredPackage]

    /// How many packages there are, but no more than `limit`.
    func packageCount(limit: Int) async throws(StoreError) -> Int

    /// The stored files of a package of any upstream, newest first.
    func files(
        ofPackage name: String, in ecosystem: String, limit: Int
    ) async throws(StoreError) -> [StoredRow]

    /// Enters some of what was stored before there was a catalogue, in one short transaction.
    ///
    /// - Returns: Whether there is more.
    func enterBacklog() async throws(StoreError) -> Bool

    /// Adds to what is counted for an hour, and drops what is older than ``Traffic/keptHours``.
    ///
    /// Hours are whole ones since 1970.
    func add(_ traffic: Traffic, toHour hour: Int64) async throws(StoreError)

    /// What was counted since an hour, that one included, oldest first.
    func traffic(sinceHour hour: Int64) async throws(StoreError) -> [HourlyTraffic]
}

/// The stored files of one package of one upstream, added up.
package struct StoredPackage: Sendable, Hashable {
    package let ecosystem: String
    /// The upstream's base URL, as in ``UpstreamIdentity/location``.
    package let location: String
    package let name: String
    package let fileCount: Int
    package let byteCount: Int
    /// When a file was stored last, in seconds since 1970.
    package let newestAt: Int64
    /// The version of that file, as far as its name tells.
    package let newestVersion: String?

    /// The longest name and the longest location that are entered, in bytes: an index takes no more.
    package static let nameByteLimit = 300
    package static let locationByteLimit = 500

    package init(
        ecosystem: String, location: String, name: String, fileCount: Int, byteCount: Int,
        newestAt: Int64, newestVersion: String?
    ) {
        self.ecosystem = ecosystem
        self.location = location
        self.name = name
        self.fileCount = fileCount
        self.byteCount = byteCount
        self.newestAt = newestAt
        self.newestVersion = newestVersion
    }
}

/// Where a stored file is entered in the catalogue.
package struct CatalogueEntry: Sendable, Hashable {
    package let key: CacheKey
    package let ecosystem: String
    package let location: String
    package let name: String
    package let storedAt: Int64

    /// Nil for what is no file of a package, or has a name that no package has.
    package init?(_ key: CacheKey, storedAt: Int64, _ read: PackageCoordinates.Reader) {
        guard let parts = key.artifactParts,
            let name = read(parts.ecosystem, parts.name)?.name,
            name.utf8.count <= StoredPackage.nameByteLimit,
            parts.location.utf8.count <= StoredPackage.locationByteLimit
        else { return nil }
        self.key = key
        ecosystem = parts.ecosystem
        location = parts.location
        self.name = name
        self.storedAt = storedAt
    }

    package var folded: String { PackageCoordinates.folded(name) }
}
