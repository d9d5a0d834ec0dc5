/// `Chart.lock` and the dependencies of a `Chart.yaml`, whose versions may be ranges.
enum ChartLock {
    static func read(_ chart: LockValue) throws(LockFileError) -> LockedPackages {
        guard case .table = chart else { throw .missing("dependencies") }
        var result = LockedPackages()
        for entry in chart["dependencies"]?.elements ?? [] {
            guard let name = entry["name"]?.text else { throw .missing("the name of a dependency") }
            let repository = entry["repository"]?.text ?? ""
            if repository.isEmpty || repository.hasPrefix("file:") {
                result.omit(name, "is a folder of this machine")
            } else if repository.hasPrefix("oci:") {
                result.omit(name, "comes from an OCI registry, which clients ask themselves")
            } else if let version = entry["version"]?.text, !version.isEmpty {
                result.add(LockedPackage(.helm, name, version: version, source: repository))
            } else {
                throw .missing("the version of a dependency")
            }
        }
        return result
    }
}
