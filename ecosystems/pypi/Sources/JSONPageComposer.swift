internal import Digests
internal import Ecosystems

/// Renders a page in JSON of which the upstream has HTML only.
///
/// Version 1.0, since HTML lacks what 1.1 demands.
struct JSONPageComposer {
    private let page: ProjectPage
    private var result: [UInt8] = []

    init(_ page: ProjectPage) {
        self.page = page
        result.reserveCapacity(page.bytes.count + 1_024)
    }

    consuming func json() -> [UInt8] {
        // A project's name in normal form needs no escape.
        add("{\"meta\":{\"api-version\":\"1.0\"},\"name\":\"\(page.project)\"")
        if let status = page.status {
            add(",\"project-status\":{\"status\":\"")
            addEscaped(status)
            if let reason = page.statusReason {
                add("\",\"reason\":\"")
                addEscaped(reason)
            }
            add("\"}")
        }
        add(",\"files\":[")
        let words = Words()
        for index in page.files.indices {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            add(page.files[index], words)
        }
        add("]}")
        return result
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

    private mutating func add(_ file: ProjectFile, _ words: Words) {
        result.append(contentsOf: words.filename)
        addEscaped(file.filename)
        addLink(file, words)
        addHash(file.hash, words)
        addMember(words.requiresPython, file.requiresPython)
        if let size = file.size {
            add(",\"size\":")
            result.append(contentsOf: page.bytes[size])
        }
        addMember(words.uploadTime, file.uploadTime)
        switch file.metadata {
        case .notAnnounced: break
        case .announced: add(",\"core-metadata\":true")
        case .hashed(let hash):
            add(",\"core-metadata\":{\"\(hash.algorithm.rawValue)\":\"")
            result.append(contentsOf: page.bytes[hash.hex])
            result.append(contentsOf: words.endOfHash)
        }
        switch file.signature {
        case .unknown: break
        case .signed: add(",\"gpg-sig\":true")
        case .unsigned: add(",\"gpg-sig\":false")
        }
        switch file.yank {
        case .notYanked: break
        case .yanked: add(",\"yanked\":true")
        case .reason(let reason): addMember(words.yanked, reason)
        }
        addMember(words.provenance, file.provenance)
        result.append(UInt8(ascii: "}"))
    }

    /// Adds the URL, which holds neither quotes, backslashes nor control bytes.
    private mutating func addLink(_ file: ProjectFile, _ words: Words) {
        if file.place == .packages {
            result.append(contentsOf: words.packages)
        } else {
            add("\",\"url\":\"")
            add(file.place.linkPrefix)
        }
        result.append(contentsOf: page.bytes[file.link])
    }

    private mutating func addHash(_ hash: ProjectFile.Hash?, _ words: Words) {
        guard let hash else {
            add("\",\"hashes\":{}")
            return
        }
        if hash.algorithm == .sha256 {
            result.append(contentsOf: words.sha256)
        } else {
            add("\",\"hashes\":{\"\(hash.algorithm.rawValue)\":\"")
        }
        result.append(contentsOf: page.bytes[hash.hex])
        result.append(contentsOf: words.endOfHash)
    }

    private mutating func addMember(_ start: [UInt8], _ value: Range<Int>?) {
        guard let value else { return }
        result.append(contentsOf: start)
        addEscaped(value)
        result.append(UInt8(ascii: "\""))
    }

    private mutating func addEscaped(_ text: Range<Int>) {
        JSONWriter.append(page.bytes[text], to: &result)
    }

    private mutating func add(_ text: String) {
        result.append(contentsOf: text.utf8)
    }
}
