internal import Digests
internal import Ecosystems

/// Renders a page in JSON of which the upstream has HTML only.
///
/// Version 1.0, since HTML lacks what 1.1 demands.
struct JSONPageComposer {
    private let page: ProjectPage

    init(_ page: ProjectPage) {
        self.page = page
    }

    func json() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(page.bytes.count + 1_024)
        // A project's name in normal form needs no escape.
        output += "{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"\(page.project)\"".utf8
        if let status = page.status {
            output += ",\"project-status\":{\"status\":\"".utf8
            addEscaped(status, to: &output)
            if let reason = page.statusReason {
                output += "\",\"reason\":\"".utf8
                addEscaped(reason, to: &output)
            }
            output += "\"}".utf8
        }
        output += ",\"files\":[".utf8
        let words = Words()
        for index in page.files.indices {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            add(page.files[index], words, to: &output)
        }
        output += "]}".utf8
        return output
    }

    /// What stands between the fields of a file: as bytes, since each file needs them.
    private struct Words {
        let filename = Array("{\"filename\":\"".utf8)
        let packages = Array("\",\"url\":\"\(FilePlace.packages.linkPrefix)".utf8)
        let sha256 = Array("\",\"hashes\":{\"sha256\":\"".utf8)
        let endOfHash = Array("\"}".utf8)
        let requiresPython = Array(",\"requires-python\":\"".utf8)
        let uploadTime = Array(",\"upload-time\":\"".utf8)
        let yanked = Array(",\"yanked\":\"".utf8)
        let provenance = Array(",\"provenance\":\"".utf8)
    }

    private func add(_ file: ProjectFile, _ words: Words, to output: inout [UInt8]) {
        output.append(copying: words.filename.span)
        addEscaped(file.filename, to: &output)
        addLink(file, words, to: &output)
        addHash(file.hash, words, to: &output)
        addMember(words.requiresPython, file.requiresPython, to: &output)
        if let size = file.size {
            output += ",\"size\":".utf8
            copy(size, to: &output)
        }
        addMember(words.uploadTime, file.uploadTime, to: &output)
        switch file.metadata {
        case .notAnnounced: break
        case .announced: output += ",\"core-metadata\":true".utf8
        case .hashed(let hash):
            output += ",\"core-metadata\":{\"\(hash.algorithm.rawValue)\":\"".utf8
            copy(hash.hex, to: &output)
            output.append(copying: words.endOfHash.span)
        }
        switch file.signature {
        case .unknown: break
        case .signed: output += ",\"gpg-sig\":true".utf8
        case .unsigned: output += ",\"gpg-sig\":false".utf8
        }
        switch file.yank {
        case .notYanked: break
        case .yanked: output += ",\"yanked\":true".utf8
        case .reason(let reason): addMember(words.yanked, reason, to: &output)
        }
        addMember(words.provenance, file.provenance, to: &output)
        output.append(UInt8(ascii: "}"))
    }

    /// Adds the URL, which holds neither quotes, backslashes nor control bytes.
    private func addLink(_ file: ProjectFile, _ words: Words, to output: inout [UInt8]) {
        if file.place == .packages {
            output.append(copying: words.packages.span)
        } else {
            output += "\",\"url\":\"".utf8
            output += file.place.linkPrefix.utf8
        }
        copy(file.link, to: &output)
    }

    private func addHash(
        _ hash: ProjectFile.Hash?, _ words: Words, to output: inout [UInt8]
    ) {
        guard let hash else {
            output += "\",\"hashes\":{}".utf8
            return
        }
        if hash.algorithm == .sha256 {
            output.append(copying: words.sha256.span)
        } else {
            output += "\",\"hashes\":{\"\(hash.algorithm.rawValue)\":\"".utf8
        }
        copy(hash.hex, to: &output)
        output.append(copying: words.endOfHash.span)
    }

    private func addMember(
        _ start: [UInt8], _ value: Range<Int>?, to output: inout [UInt8]
    ) {
        guard let value else { return }
        output.append(copying: start.span)
        addEscaped(value, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private func addEscaped(_ text: Range<Int>, to output: inout [UInt8]) {
        JSONWriter.append(page.bytes.span.extracting(text), to: &output)
    }

    private func copy(_ text: Range<Int>, to output: inout [UInt8]) {
        output.append(copying: page.bytes.span.extracting(text))
    }
}
