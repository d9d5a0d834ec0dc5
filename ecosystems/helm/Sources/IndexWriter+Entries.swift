internal import Ecosystems
internal import HTTPModel
internal import Resources

extension IndexWriter where Events: ~Copyable {
    /// Writes `entries`: for each chart the list of its versions.
    mutating func charts(_ event: IndexEvent) throws(DocumentFault) -> IndexOutcome {
        if event.isScalar {
            let start = result.bytes.count
            events.appendScalar(to: &result.bytes)
            let isNull = event == .plain && ScalarText.isNull(result.bytes[start...])
            cut(to: start)
            guard isNull else { throw DocumentFault("the index has no mapping of entries") }
            result.bytes.append(UInt8(ascii: "{"))
            addCharts()
            result.bytes.append(UInt8(ascii: "}"))
            return .written
        }
        guard event == .mappingStart else {
            throw DocumentFault("the index has no mapping of entries")
        }
        result.bytes.append(UInt8(ascii: "{"))
        let start = result.bytes.count
        beginKeys()
        while true {
            let event = try nextEvent()
            if event == .mappingEnd { break }
            let mark = result.bytes.count
            guard let key = try key(event) else { continue }
            let name = JSONText(range: key, hasEscapes: true).string(in: result.bytes)
            if try !versions(of: name, nextEvent()) || !options.isWritten { cut(to: mark) }
        }
        endKeys()
        addCharts()
        result.charts = start..<result.bytes.count
        result.bytes.append(UInt8(ascii: "}"))
        return .written
    }

    /// Writes the versions of one chart; false when nothing of it is served here.
    private mutating func versions(
        of chart: String, _ event: IndexEvent
    ) throws(DocumentFault) -> Bool {
        guard !options.elsewhere.contains(chart) else {
            result.hidden.append(chart)
            try skip(event)
            return false
        }
        guard event == .sequenceStart else {
            try skip(event)
            result.notes.entries += event == .plain ? 0 : 1
            return false
        }
        result.bytes.append(UInt8(ascii: "["))
        var written = 0
        var dropped = 0
        var names: Set<String> = []
        while true {
            let event = try nextEvent()
            if event == .sequenceEnd { break }
            let mark = result.bytes.count
            separate()
            let isKept = try entry(of: chart, event)
            if isKept { written += 1 } else { dropped += 1 }
            if isKept, options.added.has(chart) { names.insert(entry.version) }
            count += 1
            guard count <= options.upstream.limits.entries else {
                throw DocumentFault(
                    "the index has more than \(options.upstream.limits.entries) entries")
            }
            if !isKept || !options.isWritten { cut(to: mark) }
        }
        written += addVersions(of: chart, but: names)
        result.bytes.append(UInt8(ascii: "]"))
        result.entryCount += written
        result.notes.entries += dropped
        // Also with nothing to serve: a name that is free is one that anybody may take (dependency
        // confusion).
        result.names.append(chart)
        return written > 0 || dropped == 0 && !options.isMerged
    }

    /// Writes one version of a chart; false, and nothing written, when it cannot be served.
    private mutating func entry(of chart: String, _ event: IndexEvent) throws(DocumentFault) -> Bool
    {
        guard event == .mappingStart else {
            try skip(event)
            return false
        }
        let mark = result.bytes.count
        entry = IndexEntry()
        try members(of: .entry)
        let name = entry.name.isEmpty ? chart.split(separator: "/").last.map(String.init) : nil
        let found = places.place(
            urls: entry.urls, chart: name ?? entry.name, version: entry.version)
        guard places.oddByteCount <= options.upstream.limits.oddURLBytes else {
            throw DocumentFault("the index has too many URLs that lead elsewhere")
        }
        guard let (place, isNew) = found, isWanted(place), !options.hides(chart, entry.version)
        else {
            cut(to: mark)
            return false
        }
        if isNew, options.collectsFacts { addFacts(place) }
        guard options.isWritten else { return true }
        writeURLs(place)
        if options.only != nil {
            let bytes = Array(result.bytes[mark...])
            result.kept.append(KeptEntry(chart: chart, version: entry.version, bytes: bytes))
        }
        return true
    }

    private func isWanted(_ place: ChartPlaces.Place) -> Bool {
        options.only?.contains(place.path) ?? true
    }

    /// Writes `urls` behind the other fields, since they decide where the chart is.
    private mutating func writeURLs(_ place: ChartPlaces.Place) {
        result.bytes.removeLast()
        separate()
        let reference = ChartPath.reference(to: options.pathPrefix + place.path)
        let urls = options.keepsURLs ? entry.urls : [Array(reference.utf8)]
        result.bytes.append(contentsOf: "\"urls\":[".utf8)
        for url in urls {
            separate()
            result.bytes.append(ScalarText.quote)
            let start = result.bytes.count
            result.bytes.append(contentsOf: url)
            ScalarText.close(&result.bytes, from: start)
        }
        result.bytes.append(contentsOf: "]}".utf8)
    }

    /// Facts of the archive and of the provenance beside it, of which no index says anything.
    private mutating func addFacts(_ place: ChartPlaces.Place) {
        let path = place.path
        result.facts.append(
            FileFact(
                artifact: path, url: place.url, digests: entry.digest.map { [$0] } ?? [],
                version: entry.version, publishedAt: entry.created?.secondsSince1970))
        guard let url = place.provenanceURL else { return }
        result.facts.append(
            FileFact(artifact: path + ChartPath.provenance, url: url, digests: []))
    }

    /// Collects the URLs of an entry; they are written behind its other fields.
    mutating func urls(_ event: IndexEvent) throws(DocumentFault) -> IndexOutcome {
        switch event {
        case .plain, .quoted: collectURL(event)
        case .sequenceStart:
            while true {
                let element = try nextEvent()
                if element == .sequenceEnd { break }
                if element.isScalar { collectURL(element) } else { try skip(element) }
            }
        default: try skip(event)
        }
        return .withheld
    }

    private mutating func collectURL(_ event: IndexEvent) {
        // Nobody has many for one archive, and each may take its time to understand.
        guard entry.urls.count < 4 else { return }
        var text: [UInt8] = []
        events.appendScalar(to: &text)
        guard !text.isEmpty, text.count <= 4_096, !(event == .plain && ScalarText.isNull(text[...]))
        else { return }
        entry.urls.append(text)
    }
}

extension ChartPlaces.Place {
    /// Where the provenance is: the archive's URL with `.prov` before its query.
    ///
    /// In a registry it is a layer of the same manifest.
    var provenanceURL: AbsoluteURL? {
        if isInRegistry { return url }
        guard let query = url.query else { return url.appending(plainPath: ChartPath.provenance) }
        let place = "\(url.scheme.rawValue)://\(url.authority)\(url.path)"
        return AbsoluteURL("\(place)\(ChartPath.provenance)?\(query)")
    }

    private var isInRegistry: Bool { text.prefix(6).lowercased() == "oci://" }
}
