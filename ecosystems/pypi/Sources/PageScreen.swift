internal import Ecosystems
internal import HTTPModel

/// Takes files out of a project's page, and marks others as yanked with the reason.
///
/// Installers take a yanked file only for a requirement that names just its version, and say why it
/// was yanked (PEP 592); whoever takes it all the same is refused the file.
struct PageScreen {
    let page: ProjectPage
    /// One for each file.
    let verdicts: [ReleaseVerdict]

    /// The JSON page of the upstream without those files, and without versions that have no other.
    func json(_ filesValue: Range<Int>, documentCount: Int) throws(DocumentFault) -> [UInt8] {
        let bytes = page.bytes
        let gone = goneVersions
        var writer = JSONWriter(reservingCapacity: documentCount)
        var reader = DocumentReader(Array(bytes[..<documentCount]))
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            writer.rawKey(key, of: bytes)
            if key.equals("files", in: bytes) {
                _ = try reader.value()
                try files(to: &writer)
            } else if kind == .array, key.equals("versions", in: bytes), !gone.isEmpty {
                try versions(&reader, but: gone, to: &writer)
            } else {
                writer.raw(bytes[try reader.value()])
            }
        }
        writer.endObject()
        return writer.bytes
    }

    /// The files' objects that stay.
    private func files(to writer: inout JSONWriter) throws(DocumentFault) {
        writer.beginArray()
        for (file, verdict) in zip(page.files, verdicts) {
            guard case .json(let source) = file.origin else { continue }
            switch verdict {
            case .hidden: continue
            case .shown: writer.raw(page.bytes[source.object])
            case .marked(let reason): try marked(source.object, reason, to: &writer)
            }
        }
        writer.endArray()
    }

    /// A file's object with another `yanked`; the other members byte for byte.
    private func marked(
        _ object: Range<Int>, _ reason: String, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        var reader = DocumentReader(page.bytes, at: object.lowerBound)
        writer.beginObject()
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let value = try reader.value()
            guard !key.equals("yanked", in: page.bytes) else { continue }
            writer.rawKey(key, of: page.bytes)
            writer.raw(page.bytes[value])
        }
        writer.key("yanked")
        writer.string(reason)
        writer.endObject()
    }

    private func versions(
        _ reader: inout DocumentReader, but gone: Set<String>, to writer: inout JSONWriter
    ) throws(DocumentFault) {
        writer.beginArray()
        try reader.enterArray()
        while try reader.nextElement() {
            let isText = try reader.kind() == .string
            let value = try reader.value()
            if isText {
                let text = String(
                    decoding: page.bytes[value].dropFirst().dropLast(), as: UTF8.self)
                guard !gone.contains(PythonVersions().canonical(version: text)) else { continue }
            }
            writer.raw(page.bytes[value])
        }
        writer.endArray()
    }

    /// The versions of which files are hidden and none is left.
    private var goneVersions: Set<String> {
        var hidden: Set<String> = []
        var shown: Set<String> = []
        for (file, verdict) in zip(page.files, verdicts) {
            guard let name = DistributionFileName(page.bytes[file.filename]) else { continue }
            let version = PythonVersions().canonical(
                version: String(decoding: name.version, as: UTF8.self))
            if verdict == .hidden { hidden.insert(version) } else { shown.insert(version) }
        }
        return hidden.subtracting(shown)
    }

    /// The same of a page in HTML, as the JSON of an upstream: its files with their own URLs.
    func composed(_ url: (ProjectFile) -> AbsoluteURL?) -> [UInt8] {
        var texts = PageTexts(page.bytes)
        var files: [ProjectFile] = []
        for (file, verdict) in zip(page.files, verdicts) where verdict != .hidden {
            guard let place = url(file) else { continue }
            var copy = file
            copy.place = .elsewhere
            copy.link = texts.add(place.description.utf8)
            if case .marked(let reason) = verdict { copy.yank = .reason(texts.add(reason.utf8)) }
            files.append(copy)
        }
        var screened = ProjectPage(
            source: .html, bytes: texts.bytes, base: page.base, project: page.project,
            minorVersion: page.minorVersion, files: files)
        screened.status = page.status
        screened.statusReason = page.statusReason
        screened.serial = page.serial
        return JSONPageComposer(screened).json()
    }
}
