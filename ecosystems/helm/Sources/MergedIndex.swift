package import Ecosystems

/// One index made of several: the first repository that has a chart owns it, with all its versions.
///
/// A pure function of the members' bytes and settings. It has `apiVersion`, `entries` and
/// `generated`, the latest of the members' times; what else a member says is in its own index.
package struct MergedIndex: Sendable {
    package struct Member: Sendable {
        /// The repository's name here, before which its paths stand.
        package let name: String
        package let upstream: HelmUpstream
        /// The index as the upstream sent it.
        package let bytes: [UInt8]

        package init(name: String, upstream: HelmUpstream, bytes: [UInt8]) {
            self.name = name
            self.upstream = upstream
            self.bytes = bytes
        }
    }

    package let bytes: [UInt8]
    package let entryCount: Int
    /// The charts that more than one member has, with the member whose entries are not served.
    package let hidden: [(chart: String, member: String)]

    /// Merges `members` in their order.
    ///
    /// - Throws: When a member's index cannot be read; the caller gives the last good one of each.
    package init(_ members: [Member], as form: IndexForm = .json) throws(DocumentFault) {
        var output = Array("{\"apiVersion\":\"v1\",\"entries\":{".utf8)
        var owned: Set<String> = []
        var hidden: [(chart: String, member: String)] = []
        var entryCount = 0
        var generated: IndexTime?
        for member in members {
            let options = IndexOptions(
                upstream: member.upstream, pathPrefix: member.name + "/", elsewhere: owned)
            let index = try HelmIndex.written(member.bytes, options)
            if !index.charts.isEmpty, output.last != UInt8(ascii: "{") {
                output.append(UInt8(ascii: ","))
            }
            output.append(contentsOf: index.bytes[index.charts])
            owned.formUnion(index.names)
            hidden += index.hidden.map { (chart: $0, member: member.name) }
            entryCount += index.entryCount
            if let time = index.generated, generated.map({ time.isLater(than: $0) }) ?? true {
                generated = time
            }
        }
        output.append(UInt8(ascii: "}"))
        if let generated {
            let text = String(decoding: generated.text, as: UTF8.self)
            output.append(contentsOf: ",\"generated\":\"\(text)\"".utf8)
        }
        output.append(UInt8(ascii: "}"))
        bytes = form == .yaml ? try YAMLForm.yaml(of: output) : output
        self.entryCount = entryCount
        self.hidden = hidden
    }
}
