internal import Ecosystems
internal import HTTPModel
internal import Resources

/// Writes an index as clients get it, from events straight to bytes, in one pass.
///
/// Only `urls` change. Values get the type that the schema gives them; what fits no type is left
/// out and counted, so that one bad value never costs a client the whole index.
struct IndexWriter<Events: IndexEvents & ~Copyable>: ~Copyable {
    var events: Events
    let options: IndexOptions
    var result: WrittenIndex
    var places: ChartPlaces
    var entry = IndexEntry()
    private var keys: [JSONKeySet] = []
    private var level = 0
    private var hasVersion = false
    /// The versions of all charts so far, served or not.
    var count = 0
    /// The charts to which nothing is to be added any more.
    var completed: Set<String> = []

    init(_ events: consuming Events, _ options: IndexOptions, reserving count: Int) {
        self.events = events
        self.options = options
        result = WrittenIndex()
        result.bytes.reserveCapacity(count)
        places = ChartPlaces(options.upstream)
    }

    /// Reads and writes the whole document; called once.
    mutating func write() throws(DocumentFault) -> WrittenIndex {
        guard let first = try events.next(), first == .mappingStart else {
            throw DocumentFault("the document is no index: it is not a mapping")
        }
        try members(of: .index)
        addCharts(toIndex: true)
        // Past the end, so that a second document or trailing rubbish is seen.
        while try events.next() != nil {}
        guard hasVersion else { throw DocumentFault("the index has no apiVersion") }
        return result
    }

    /// Writes a mapping from its first key on.
    mutating func members(of shape: IndexShape) throws(DocumentFault) {
        result.bytes.append(UInt8(ascii: "{"))
        beginKeys()
        while true {
            let event = try nextEvent()
            if event == .mappingEnd { break }
            let mark = result.bytes.count
            guard let key = try key(event) else { continue }
            let outcome = try value(nextEvent(), shape.member(key, in: result.bytes))
            if outcome != .written { cut(to: mark) }
            if outcome == .dropped { result.notes.values += 1 }
        }
        level -= 1
        result.bytes.append(UInt8(ascii: "}"))
    }

    /// Writes a key with its comma and colon; nil when it was skipped together with its value.
    ///
    /// The range is of the key's text, without quotes.
    mutating func key(_ event: IndexEvent) throws(DocumentFault) -> Range<Int>? {
        guard event.isScalar else { throw DocumentFault("the index has a key that is no text") }
        let mark = result.bytes.count
        separate()
        result.bytes.append(ScalarText.quote)
        let start = result.bytes.count
        events.appendScalar(to: &result.bytes)
        ScalarText.close(&result.bytes, from: start)
        let range = start..<(result.bytes.count - 1)
        // YAML readers look at most 1024 characters ahead for the colon (YAML 1.1 section 7.2.2).
        let isShort = range.count <= 1_000
        let text = JSONText(range: range, hasEscapes: false)
        guard isShort, keys[level - 1].insert(text, in: result.bytes) else {
            cut(to: mark)
            if isShort { result.notes.duplicateKeys += 1 } else { result.notes.values += 1 }
            try skip(nextEvent())
            return nil
        }
        guard keys[level - 1].count <= options.upstream.limits.keys else {
            throw DocumentFault(
                "a mapping has more than \(options.upstream.limits.keys) keys")
        }
        result.bytes.append(UInt8(ascii: ":"))
        return range
    }

    mutating func beginKeys() {
        if keys.count == level { keys.append(JSONKeySet()) } else { keys[level].removeAll() }
        level += 1
    }

    mutating func endKeys() { level -= 1 }

    /// The next event, where the document cannot end.
    mutating func nextEvent() throws(DocumentFault) -> IndexEvent {
        guard let event = try events.next() else {
            throw DocumentFault("the index ends inside a value")
        }
        return event
    }

    /// Reads past a value.
    mutating func skip(_ first: IndexEvent) throws(DocumentFault) {
        var event = first
        var depth = 0
        while true {
            switch event {
            case .mappingStart, .sequenceStart: depth += 1
            case .mappingEnd, .sequenceEnd: depth -= 1
            case .plain, .quoted: break
            }
            guard depth > 0 else { return }
            event = try nextEvent()
        }
    }

    /// A comma, unless what comes is the first of its container.
    mutating func separate() {
        switch result.bytes.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), nil: break
        default: result.bytes.append(UInt8(ascii: ","))
        }
    }

    mutating func cut(to count: Int) {
        result.bytes.removeLast(result.bytes.count - count)
    }

    /// Notes that the index said which version of the form it has.
    mutating func foundVersion() { hasVersion = true }
}

/// What became of a value.
enum IndexOutcome {
    case written
    /// It is not part of the answer here, and nobody has to know.
    case withheld
    /// It fits no type, and is counted.
    case dropped
}

/// What of an index is wanted.
struct IndexOptions {
    let upstream: HelmUpstream
    /// What stands before each path: empty, or a repository's name and a slash.
    var pathPrefix = ""
    /// Charts that are another repository's, in a merged index.
    var elsewhere: Set<String> = []
    /// Whether the charts go into an index of several repositories.
    var isMerged: Bool { !pathPrefix.isEmpty }
    /// Whether the text is wanted; without it only the facts are, and memory stays small.
    var isWritten = true
    var collectsFacts = false
    /// Whether `urls` stay the upstream's: what is written is then an index to be stored.
    var keepsURLs = false
    /// The paths of the entries that are wanted, which are then given one by one; nil: all.
    var only: Set<String>?
    /// Whether a version of a chart is left out, as if it had never been published.
    var hides: (_ chart: String, _ version: String) -> Bool = { _, _ in false }
    /// Entries of an older version that go behind those of their charts.
    var added = KeptEntries()
}

/// An index as it was written, and what was learnt on the way.
struct WrittenIndex {
    var bytes: [UInt8] = []
    /// Where the members of `entries` are, without the braces.
    var charts = 0..<0
    /// The charts that are listed here, with anything to serve or not, in the order of the index.
    var names: [String] = []
    /// The charts that were left out since another repository has them.
    var hidden: [String] = []
    var entryCount = 0
    var facts: [FileFact] = []
    var generated: IndexTime?
    var notes = IndexNotes()
    /// What ``IndexOptions/only`` wanted.
    var kept = KeptEntries()
    /// How many of ``IndexOptions/added`` are in it.
    var addedCount = 0
}
