/// The readers of foreign bytes, each with what must hold of all that it accepts.
///
/// `scripts/fuzz` runs them; the seeds of each are in the folder of its name in `Fixtures`.
enum FuzzTarget: String, CaseIterable {
    case head, path, packument, html, json, yaml, integrity, range, configuration

    func run(_ bytes: [UInt8]) {
        switch self {
        case .head: RequestTrial.head(bytes)
        case .path: RequestTrial.path(bytes)
        case .packument: DocumentTrial.packument(bytes)
        case .html: DocumentTrial.page(bytes, type: "text/html")
        case .json: DocumentTrial.page(bytes, type: "application/vnd.pypi.simple.v1+json")
        case .yaml: IndexTrial.index(bytes)
        case .integrity: DocumentTrial.integrity(bytes)
        case .range: RequestTrial.range(bytes)
        case .configuration: DocumentTrial.configuration(bytes)
        }
    }
}
