import Support

/// A pull-through server that the cases on the loopback interface are run against.
///
/// Another server than Larder is measured by conforming to this; see docs/performance.md.
protocol ServerUnderTest: Sendable {
    var name: String { get }

    /// Starts it with an empty store in front of an index, whose URL is the one that one would give
    /// pip and ends in a slash.
    func start(index: String) throws -> any RunningServer

    /// Starts it with an empty store in front of a chart repository, whose URL ends in a slash.
    func start(charts: String) throws -> any RunningServer
}

/// A started server, ended when dropped.
protocol RunningServer: AnyObject {
    var port: Int { get }
    /// What stands before `simple/` and `packages/`, or before `index.yaml`, in its paths.
    var root: String { get }
    /// A counter of its metrics; nil when it has none of that name.
    func counter(_ name: String) throws -> Int?
    /// The most memory that it had so far, in bytes.
    func peakMemory() throws -> Int
}
