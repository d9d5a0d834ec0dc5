import Ecosystems
import Helm
import Resources
import YAML

/// What holds of indexes of charts, whatever an upstream writes.
enum IndexTrial {
    /// What is served of an index is an index, and another server before this one serves the same.
    static func index(_ bytes: [UInt8]) {
        _ = try? YAMLNode.read(bytes.span)
        guard let served = served(bytes, as: .json) else { return }
        promise(DocumentTrial.isJSON(served), "what is served is JSON")
        guard let written = Self.served(bytes, as: .yaml) else {
            return promise(false, "what is served as JSON is served as YAML")
        }
        let again = Self.served(served, as: .json)
        promise(again != nil, "what is served is an index")
        promise(Self.served(written, as: .json) == again, "the YAML says the same as the JSON")
        LinkTrial.check(facts(of: bytes), below: ["helm", "stable"], of: Mounts.helm)
        let (rest, longest) = withoutPlaces(served)
        // The next server names its upstream before these paths, and reads none beyond 4,096 bytes.
        guard longest <= 4_000 else { return }
        promise(again.map { withoutPlaces($0).rest } == rest, "what is served again is the same")
    }

    private static func served(_ bytes: [UInt8], as form: IndexForm) -> [UInt8]? {
        var rewriter = Mounts.helm.rewriter(of: head, as: form.variant)
        var output: [UInt8] = []
        do throws(DocumentFault) {
            try rewriter.take(bytes, into: &output)
            _ = try rewriter.finish(into: &output)
            return output
        } catch {
            return nil
        }
    }

    private static func facts(of bytes: [UInt8]) -> [FileFact] {
        var intake = Mounts.helm.intake(of: head)
        do throws(DocumentFault) {
            try intake.take(bytes)
            return try intake.finish()
        } catch {
            promise(false, "what is served was read when it arrived")
            return []
        }
    }

    private static let head = DocumentHead(
        name: "index.yaml", contentType: "text/yaml",
        url: Mounts.url("https://charts.example/stable/index.yaml"))

    /// An index without the paths of other hosts' files, and the longest of these.
    ///
    /// They are below `-/` and the host's name, where nothing of the repository's own can be: its
    /// files there are in turn below its own name.
    private static func withoutPlaces(_ index: [UInt8]) -> (rest: [UInt8], longest: Int) {
        let sign = Array("\"urls\":[\"-/".utf8)
        var (rest, longest): ([UInt8], Int) = ([], 0)
        rest.reserveCapacity(index.count)
        var position = 0
        while position < index.count {
            if index[position...].starts(with: sign) {
                rest += sign
                let place = index[(position + sign.count)...].prefix { $0 != UInt8(ascii: "\"") }
                longest = max(longest, place.count)
                position = place.endIndex
            } else {
                rest.append(index[position])
                position += 1
            }
        }
        return (rest, longest)
    }
}
