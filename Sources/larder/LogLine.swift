import Linux

/// One line of the log: JSON for programs, words for people.
struct LogLine {
    enum Level: String {
        case info, warning, error
    }

    private var fields: LogFields

    /// Begins the line of something that happened so many milliseconds after 1970 began.
    init(
        _ level: Level, _ event: String, isText: Bool,
        at milliseconds: Int = SystemClock.unixMilliseconds
    ) {
        fields = LogFields(isText: isText)
        fields.begin(LogEvent(level, event), at: milliseconds)
    }

    mutating func add(_ name: StaticString, _ value: String) { fields.add(LogName(name), value) }

    mutating func add(_ name: StaticString, _ value: Int) { fields.add(LogName(name), value) }

    /// Adds a time in milliseconds with three decimals.
    mutating func add(_ name: StaticString, nanoseconds: UInt64) {
        fields.add(LogName(name), nanoseconds: nanoseconds)
    }

    /// The line without its line feed.
    var bytes: [UInt8] {
        var whole = fields
        whole.end()
        return whole.bytes
    }
}

/// What a line tells of, ready for both forms of it.
struct LogEvent: Sendable {
    fileprivate let json: [UInt8]
    fileprivate let text: [UInt8]

    /// Before the time of a line.
    fileprivate static let start = Array(#"{"time":""#.utf8)

    init(_ level: LogLine.Level, _ event: String) {
        json = Array(#"","level":"\#(level.rawValue)","event":"\#(event)""#.utf8)
        text = Array(" \(level.rawValue.uppercased()) \(event)".utf8)
    }
}

extension LogFields {
    /// Begins a line.
    mutating func begin(_ event: LogEvent, at milliseconds: Int) {
        if !isText { append(LogEvent.start) }
        append(time: milliseconds)
        append(isText ? event.text : event.json)
    }

    /// Ends a line, without its line feed.
    mutating func end() {
        if !isText { append([0x7D]) }
    }
}
