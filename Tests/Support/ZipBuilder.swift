package import Compression

/// Writes zip archives for tests, good ones and, by changing the bytes afterwards, bad ones.
package struct ZipBuilder {
    package struct Member: Sendable {
        package var name: String
        package var content: [UInt8]
        package var isDeflated: Bool

        package init(_ name: String, _ content: [UInt8], isDeflated: Bool = true) {
            self.name = name
            self.content = content
            self.isDeflated = isDeflated
        }
    }

    package var members: [Member]
    package var comment: [UInt8] = []
    package var isZip64 = false

    package init(_ members: [Member]) {
        self.members = members
    }

    package func bytes() throws(CompressionError) -> [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            // A gzip member without a name is ten bytes, deflated data, checksum and length.
            let packed = try gzip(member.content)
            let checksum = Array(packed[(packed.count - 8)..<(packed.count - 4)])
            let kept = member.isDeflated ? Array(packed[10..<(packed.count - 8)]) : member.content
            let name = Array(member.name.utf8)
            let shared =
                number(20, 2) + number(0, 2) + number(member.isDeflated ? 8 : 0, 2) + number(0, 4)
                + checksum + number(kept.count, 4) + number(member.content.count, 4)
                + number(name.count, 2) + number(0, 2)
            directory += number(0x0201_4B50, 4) + number(20, 2) + shared
            directory += number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4)
            directory += number(archive.count, 4) + name
            archive += number(0x0403_4B50, 4) + shared + name + kept
        }
        return archive + directory + end(directory.count, at: archive.count)
    }

    private func end(_ byteCount: Int, at start: Int) -> [UInt8] {
        var end: [UInt8] = []
        if isZip64 {
            end += number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2)
            end += number(0, 4) + number(0, 4)
            end += number(members.count, 8) + number(members.count, 8)
            end += number(byteCount, 8) + number(start, 8)
            end += number(0x0706_4B50, 4) + number(0, 4) + number(start + byteCount, 8)
            end += number(1, 4)
        }
        let ones = number(0xFFFF_FFFF, 4)
        end += number(0x0605_4B50, 4) + number(0, 2) + number(0, 2)
        end += number(members.count, 2) + number(members.count, 2)
        end += (isZip64 ? ones : number(byteCount, 4)) + (isZip64 ? ones : number(start, 4))
        return end + number(comment.count, 2) + comment
    }

    private func number(_ value: Int, _ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
