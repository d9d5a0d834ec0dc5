import Compression
package import Foundation

/// The recorded indexes of Helm's repositories, and larger ones made of them.
package enum HelmCorpus {
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ecosystems/helm/Fixtures")

    /// The largest recorded one: 4.2 MB of YAML, 3,448 versions.
    package static let largest = "bitnami-2023-03-01.index.yaml.gz"

    /// A recorded index by its file's name, unpacked.
    package static func bytes(of name: String) throws -> [UInt8] {
        let raw = [UInt8](try Data(contentsOf: folder.appending(path: name)))
        guard name.hasSuffix(".gz") else { return raw }
        return try gunzip(raw, limits: ExpansionLimits(outputByteCount: 16 << 20))
    }

    /// An index in the layout of `helm repo index`, `count` times as long.
    ///
    /// Each copy has its charts and archives under names of its own.
    package static func inflated(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let first = (lines.firstIndex { $0.elementsEqual("entries:".utf8) } ?? 0) + 1
        let last = lines[first...].firstIndex { $0.first != UInt8(ascii: " ") } ?? lines.endIndex
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * (count + 1))
        for line in lines[..<first] { result += line + [UInt8(ascii: "\n")] }
        for copy in 0..<count {
            for line in lines[first..<last] {
                result += renamed(line, copy) + [UInt8(ascii: "\n")]
            }
        }
        return result + Array(lines[last...].joined(separator: [UInt8(ascii: "\n")]))
    }

    /// A line of a chart's name or of an archive's URL, marked with the number of its copy.
    private static func renamed(_ line: ArraySlice<UInt8>, _ copy: Int) -> [UInt8] {
        let indent = line.prefix { $0 == 0x20 }.count
        if indent == 2, line.dropFirst(2).first != UInt8(ascii: "-"), line.last == 0x3A {
            return Array("  c\(copy)-".utf8) + line.dropFirst(2)
        }
        let ending = Array(".tgz".utf8)
        if indent == 4, line.dropFirst(4).starts(with: "- ".utf8), line.suffix(4) == ending[...] {
            return Array(line.dropLast(4)) + Array("-c\(copy).tgz".utf8)
        }
        return Array(line)
    }
}
