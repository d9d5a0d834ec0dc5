internal import Digests
internal import Ecosystems
package import HTTPModel
package import LockFiles

/// What one document of the server lists, as far as a lock file's packages need it.
package struct Listing: Sendable {
    package private(set) var files: [ListedFile] = []

    /// What a document is asked for as.
    package static func accept(_ ecosystem: LockedPackage.Ecosystem) -> String {
        switch ecosystem {
        case .pypi: "application/vnd.pypi.simple.v1+json"
        case .npm: "application/vnd.npm.install-v1+json"
        case .helm: "application/json"
        }
    }

    /// Reads the server's answer; nil for what is no such document.
    ///
    /// The names are of the charts that are wanted, of an index that may have very many.
    package init?(
        _ bytes: [UInt8], of ecosystem: LockedPackage.Ecosystem, at url: AbsoluteURL,
        on server: WarmServer, names: Set<String>
    ) {
        do throws(JSONFault) {
            var reader = JSONReader(bytes)
            switch ecosystem {
            case .pypi: try readPage(&reader, url)
            case .npm: try readPackument(&reader, server)
            case .helm: try readIndex(&reader, url, names)
            }
        } catch {
            return nil
        }
    }

    // MARK: PyPI, PEP 691

    private mutating func readPage(
        _ reader: inout JSONReader, _ page: AbsoluteURL
    ) throws(JSONFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("files", in: reader.bytes) else {
                _ = try reader.value()
                continue
            }
            try reader.enterArray()
            while try reader.nextElement() {
                if let file = try Self.pageFile(&reader, page) { files.append(file) }
            }
        }
    }

    private static func pageFile(
        _ reader: inout JSONReader, _ page: AbsoluteURL
    ) throws(JSONFault) -> ListedFile? {
        var fields: [String: String] = [:]
        var digests: [Digest] = []
        var metadata: [Digest]?
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let name = key.string(in: reader.bytes)
            switch (name, try reader.kind()) {
            case ("filename", .string), ("url", .string):
                fields[name] = try reader.string().string(in: reader.bytes)
            case ("size", .number): fields[name] = try plain(&reader)
            case ("hashes", .object): digests = try hashes(&reader)
            case ("core-metadata", .object): metadata = try hashes(&reader)
            case ("core-metadata", .true):
                _ = try reader.value()
                metadata = []
            default: _ = try reader.value()
            }
        }
        guard let name = fields["filename"], let url = fields["url"].flatMap(page.resolving) else {
            return nil
        }
        var file = ListedFile(name: name, url: url)
        file.digests = digests
        file.metadata = metadata
        file.byteCount = fields["size"].flatMap { Int($0) }
        return file
    }

    private static func plain(_ reader: inout JSONReader) throws(JSONFault) -> String {
        let range = try reader.value()
        return String(decoding: reader.bytes[range], as: UTF8.self)
    }

    private static func hashes(_ reader: inout JSONReader) throws(JSONFault) -> [Digest] {
        try object(&reader).compactMap { name, hex in
            DigestAlgorithm(rawValue: name).flatMap { Digest(algorithm: $0, hex: hex) }
        }
    }

    /// The members of an object that are strings.
    private static func object(_ reader: inout JSONReader) throws(JSONFault) -> [(String, String)] {
        var members: [(String, String)] = []
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard try reader.kind() == .string else {
                _ = try reader.value()
                continue
            }
            let value = try reader.string().string(in: reader.bytes)
            members.append((key.string(in: reader.bytes), value))
        }
        return members
    }

    // MARK: npm

    private mutating func readPackument(
        _ reader: inout JSONReader, _ server: WarmServer
    ) throws(JSONFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("versions", in: reader.bytes) else {
                _ = try reader.value()
                continue
            }
            try reader.enterObject()
            while let version = try reader.nextKey() {
                let name = version.string(in: reader.bytes)
                if let file = try Self.tarball(&reader, name, server) { files.append(file) }
            }
        }
    }

    private static func tarball(
        _ reader: inout JSONReader, _ version: String, _ server: WarmServer
    ) throws(JSONFault) -> ListedFile? {
        var dist: [String: String] = [:]
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let isDist = key.equals("dist", in: reader.bytes)
            if isDist, try reader.kind() == .object {
                dist = Dictionary(try object(&reader)) { $1 }
            } else {
                _ = try reader.value()
            }
        }
        guard let text = dist["tarball"], let url = server.tarball(text) else { return nil }
        var file = ListedFile(
            name: url.path.split(separator: "/").last.map(String.init) ?? version, url: url)
        file.version = version
        file.digests = dist["integrity"].map(LockedPackages.integrity) ?? []
        if file.digests.isEmpty, let hex = dist["shasum"],
            let digest = Digest(algorithm: .sha1, hex: hex)
        {
            file.digests = [digest]
        }
        return file
    }

    // MARK: Helm

    private mutating func readIndex(
        _ reader: inout JSONReader, _ index: AbsoluteURL, _ names: Set<String>
    ) throws(JSONFault) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            guard key.equals("entries", in: reader.bytes) else {
                _ = try reader.value()
                continue
            }
            try reader.enterObject()
            while let chart = try reader.nextKey() {
                let name = chart.string(in: reader.bytes)
                guard names.contains(name) else {
                    _ = try reader.value()
                    continue
                }
                try reader.enterArray()
                while try reader.nextElement() {
                    if let file = try Self.chart(&reader, name, index) { files.append(file) }
                }
            }
        }
    }

    private static func chart(
        _ reader: inout JSONReader, _ name: String, _ index: AbsoluteURL
    ) throws(JSONFault) -> ListedFile? {
        var fields: [String: String] = [:]
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let field = key.string(in: reader.bytes)
            switch (field, try reader.kind()) {
            case ("version", .string), ("digest", .string):
                fields[field] = try reader.string().string(in: reader.bytes)
            case ("urls", .array): fields["url"] = try firstString(&reader)
            default: _ = try reader.value()
            }
        }
        guard let version = fields["version"], let url = fields["url"].flatMap(index.resolving)
        else { return nil }
        // Charts of one name are told apart by their versions.
        var file = ListedFile(name: name, url: url)
        file.version = version
        let hex = fields["digest"].map { $0.hasPrefix("sha256:") ? String($0.dropFirst(7)) : $0 }
        file.digests = hex.flatMap { Digest(algorithm: .sha256, hex: $0) }.map { [$0] } ?? []
        return file
    }

    private static func firstString(_ reader: inout JSONReader) throws(JSONFault) -> String? {
        var first: String?
        try reader.enterArray()
        while try reader.nextElement() {
            guard try reader.kind() == .string else {
                _ = try reader.value()
                continue
            }
            let text = try reader.string().string(in: reader.bytes)
            first = first ?? text
        }
        return first
    }
}
