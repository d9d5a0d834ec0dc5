internal import CZlib

/// Finds and reads one member of a zip archive, in steps between which the caller reads bytes.
///
/// Strict where readers differ, since an archive that two readers see differently is an attack: one
/// disk, no encryption, stored or deflated, one member of the wanted name. Nothing in the archive
/// is believed before it was compared with the archive's own length.
/// Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
package enum ZipArchive {
    /// How many bytes at the end hold the end record with the longest comment, and the Zip64 ones.
    package static let tailByteCount = 22 + 65_535 + 20 + 56
    /// The longest central directory that is read.
    package static let directoryByteLimit = 32 << 20
    /// The length of the part of a local header that is always there.
    package static let localHeaderByteCount = 30

    /// Where the central directory lies in an archive of `byteCount` bytes.
    ///
    /// `tail` is its last bytes: ``tailByteCount`` of them, or all.
    package static func directory(
        tail: [UInt8], byteCount: Int
    ) throws(CompressionError) -> Range<Int> {
        var place = tail.count - 22
        while place >= 0 {
            if tail.number(at: place, 4) == 0x0605_4B50,
                tail.number(at: place + 20, 2) == tail.count - place - 22
            {
                return try directory(tail, endRecord: place, byteCount)
            }
            place -= 1
        }
        throw .corrupt
    }

    private static func directory(
        _ tail: [UInt8], endRecord place: Int, _ byteCount: Int
    ) throws(CompressionError) -> Range<Int> {
        let tailStart = byteCount - tail.count
        var isAlone = tail.number(at: place + 4, 2) == 0 && tail.number(at: place + 6, 2) == 0
        var count = tail.number(at: place + 12, 4)
        var start = tail.number(at: place + 16, 4)
        var end = tailStart + place
        if place >= 20, tail.number(at: place - 20, 4) == 0x0706_4B50 {
            // Zip64: the locator before the end record, and the record that it names.
            let record = try tail.longNumber(at: place - 12) - tailStart
            guard record >= 0, record <= place - 20 - 56,
                tail.number(at: record, 4) == 0x0606_4B50
            else { throw .corrupt }
            isAlone = tail.number(at: record + 16, 4) == 0 && tail.number(at: record + 20, 4) == 0
            count = try tail.longNumber(at: record + 40)
            start = try tail.longNumber(at: record + 48)
            end = tailStart + record
        }
        guard isAlone, start <= end, count == end - start else { throw .corrupt }
        guard count <= directoryByteLimit else { throw .tooLarge }
        return start..<end
    }

    /// The one member whose name fits; nil when none does.
    ///
    /// `directory` is the bytes of the central directory of an archive of `byteCount` bytes; names
    /// are bytes of any encoding. Throws also when several fit.
    package static func member(
        inDirectory directory: [UInt8], byteCount: Int, where isWanted: (ArraySlice<UInt8>) -> Bool
    ) throws(CompressionError) -> ZipMember? {
        var place = 0
        var found: ZipMember?
        while place < directory.count {
            guard place + 46 <= directory.count, directory.number(at: place, 4) == 0x0201_4B50
            else { throw .corrupt }
            let nameEnd = place + 46 + directory.number(at: place + 28, 2)
            let extraEnd = nameEnd + directory.number(at: place + 30, 2)
            let end = extraEnd + directory.number(at: place + 32, 2)
            guard end <= directory.count else { throw .corrupt }
            let name = directory[place + 46..<nameEnd]
            if isWanted(name) {
                guard found == nil else { throw .corrupt }
                found = try ZipMember(directory, at: place, name: Array(name), byteCount)
            }
            place = end
        }
        return found
    }
}

/// A member of an archive, as the central directory describes it.
package struct ZipMember: Sendable {
    /// Where its local header begins, of which ``ZipArchive/localHeaderByteCount`` bytes are needed.
    package let headerOffset: Int
    /// How many bytes of the archive hold its content.
    package let compressedByteCount: Int
    /// How long its content is.
    package let byteCount: Int
    private let name: [UInt8]
    private let isDeflated: Bool
    private let checksum: Int
    private let archiveByteCount: Int

    fileprivate init(
        _ directory: [UInt8], at place: Int, name: [UInt8], _ archiveByteCount: Int
    ) throws(CompressionError) {
        let flags = directory.number(at: place + 8, 2)
        let method = directory.number(at: place + 10, 2)
        compressedByteCount = directory.number(at: place + 20, 4)
        byteCount = directory.number(at: place + 24, 4)
        headerOffset = directory.number(at: place + 42, 4)
        checksum = directory.number(at: place + 16, 4)
        isDeflated = method == 8
        self.name = name
        self.archiveByteCount = archiveByteCount
        // Bits 0, 6 and 13 say encrypted. A size or an offset of all ones stands in an extra field
        // (Zip64), which no member has that is small and near enough to be of use.
        guard flags & 0x2041 == 0, method == 0 || method == 8, compressedByteCount < 0xFFFF_FFFF,
            byteCount < 0xFFFF_FFFF, headerOffset < 0xFFFF_FFFF,
            headerOffset <= archiveByteCount - ZipArchive.localHeaderByteCount,
            isDeflated || compressedByteCount == byteCount
        else { throw .corrupt }
    }

    /// Where its content lies in the archive.
    ///
    /// `localHeader` is what stands at ``headerOffset``.
    package func content(behind localHeader: [UInt8]) throws(CompressionError) -> Range<Int> {
        guard localHeader.count >= ZipArchive.localHeaderByteCount,
            localHeader.number(at: 0, 4) == 0x0403_4B50,
            localHeader.number(at: 26, 2) == name.count
        else { throw .corrupt }
        let start =
            headerOffset + ZipArchive.localHeaderByteCount + name.count
            + localHeader.number(at: 28, 2)
        guard start <= archiveByteCount, compressedByteCount <= archiveByteCount - start else {
            throw .corrupt
        }
        return start..<start + compressedByteCount
    }

    /// The content, expanded and compared with its checksum.
    ///
    /// - Throws: ``CompressionError/tooLarge`` beyond `limits`, whatever the archive says.
    package func expanded(
        _ bytes: [UInt8], limits: ExpansionLimits
    ) throws(CompressionError) -> [UInt8] {
        guard byteCount <= limits.outputByteCount else { throw .tooLarge }
        var output = bytes
        if isDeflated {
            var inflater = try Inflater(limits: limits, form: .deflate)
            output = try inflater.push(bytes)
            try inflater.finish()
        }
        guard output.count == byteCount, crc(output) == checksum else { throw .corrupt }
        return output
    }

    private func crc(_ bytes: [UInt8]) -> Int {
        // zlib counts in 32 bits, and a member is shorter.
        unsafe bytes.withUnsafeBufferPointer {
            unsafe Int(crc32(0, $0.baseAddress, UInt32($0.count)))
        }
    }
}

extension [UInt8] {
    /// A little-endian number of at most 4 bytes, and so never below zero.
    fileprivate func number(at place: Int, _ byteCount: Int) -> Int {
        (place..<place + byteCount).reversed().reduce(0) { $0 << 8 | Int(self[$1]) }
    }

    /// A little-endian number of 8 bytes, never below zero; what does not fit into 63 bits is a fault.
    fileprivate func longNumber(at place: Int) throws(CompressionError) -> Int {
        let high = number(at: place + 4, 4)
        guard high <= 0x7FFF_FFFF else { throw .corrupt }
        return high << 32 | number(at: place, 4)
    }
}
