internal import Ecosystems
internal import Resources

/// Makes one index of several: the first repository that has a chart owns it, with all its versions.
///
/// A pure function of the members' bytes and settings. It has `apiVersion`, `entries` and
/// `generated`, the latest of the members' times; what else a member says is in its own index.
struct IndexMerger: DocumentMerger {
    private let repositories: [HelmAdapter]
    /// The charts that an earlier member has.
    private var owned: Set<String> = []
    private var hiddenCount = 0
    private var entryCount = 0
    private var generated: IndexTime?
    private var hasBegun = false

    init(_ repositories: [HelmAdapter]) {
        self.repositories = repositories
    }

    mutating func take(
        _ bytes: [UInt8], of member: DocumentMember, into output: inout [UInt8]
    ) throws(DocumentFault) {
        guard let repository = repositories.first(where: { $0.identity == member.upstream })
        else { throw DocumentFault("an index of a repository that is none of ours") }
        let index = try HelmIndex.written(
            bytes,
            IndexOptions(
                upstream: repository.upstream, pathPrefix: repository.name + "/",
                elsewhere: owned))
        begin(&output)
        if !index.charts.isEmpty {
            if entryCount > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: index.bytes[index.charts])
        }
        owned.formUnion(index.names)
        hiddenCount += index.hidden.count
        entryCount += index.entryCount
        if let time = index.generated, generated.map({ time.isLater(than: $0) }) ?? true {
            generated = time
        }
    }

    mutating func finish(into output: inout [UInt8]) -> DocumentSummary {
        begin(&output)
        output.append(UInt8(ascii: "}"))
        if let generated {
            output += Array(",\"generated\":\"".utf8) + generated.text
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: "}"))
        let hidden = DocumentNote(
            "charts that an earlier repository has were left out", count: hiddenCount)
        return DocumentSummary(entryCount: entryCount, notes: hiddenCount > 0 ? [hidden] : [])
    }

    private mutating func begin(_ output: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        output += Array("{\"apiVersion\":\"v1\",\"entries\":{".utf8)
    }
}
