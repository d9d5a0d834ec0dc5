import Support
import Testing

/// One row of the matrix in docs/outages.md: a fault, and what is answered with it.
struct OutageRow: Sendable, CustomTestStringConvertible {
    /// As docs/outages.md has it.
    let name: String
    let fault: Fault
    /// What a document and a file that were never asked for are answered.
    var document = 502
    var file = 502
    /// Seconds after which both of these were answered.
    var coldLimit = 6.0
    /// Whether the upstream counts as failing, so that it is left alone.
    ///
    /// Not where our own rules refuse an answer, nor where the upstream says that nothing changed;
    /// nil where that depends on whose reader meets nonsense before the limit.
    var isOutage: Bool? = true

    var testDescription: String { name }

    private static func busy(_ name: String, _ fault: Fault) -> OutageRow {
        OutageRow(name: name, fault: fault, document: 503, file: 503)
    }

    static let refused = busy("refused", .refused)
    static let unavailable = busy("503", .busy(503, retryAfter: nil))
    static let garbage = OutageRow(name: "garbage with 200", fault: .garbage)
    static let blackholed = OutageRow(
        name: "blackholed", fault: .blackhole, document: 503, file: 503, coldLimit: 13)
    static let unaccepted = OutageRow(
        name: "connections not accepted", fault: .unaccepted, document: 503, file: 503,
        coldLimit: 13)

    /// Those that take long; they run together.
    static let slow: [OutageRow] = [
        blackholed, unaccepted,
        OutageRow(
            name: "a byte now and then", fault: .drip(byteCount: 1, milliseconds: 250),
            document: 503, file: 503, coldLimit: 40),
        OutageRow(
            name: "stalled in the body", fault: .cut(afterByteCount: 100, .stall), document: 503,
            file: 503, coldLimit: 40),
    ]

    static let quick: [OutageRow] = [
        refused, busy("reset", .reset), unavailable,
        busy("503 with Retry-After", .busy(503, retryAfter: "60")),
        busy("429", .busy(429, retryAfter: nil)),
        busy("429 with Retry-After", .busy(429, retryAfter: "60")),
        OutageRow(name: "500", fault: .status(500)),
        OutageRow(name: "login page with 200", fault: .loginPage), garbage,
        OutageRow(name: "a wrong protocol", fault: .wrongProtocol),
        OutageRow(name: "endless headers", fault: .endlessHeaders, isOutage: false),
        OutageRow(name: "endless body", fault: .endlessBody, isOutage: nil),
        OutageRow(
            name: "reset in the body", fault: .cut(afterByteCount: 100, .reset), coldLimit: 20),
        OutageRow(
            name: "closed in the body", fault: .cut(afterByteCount: 100, .close), coldLimit: 20),
        OutageRow(name: "shorter than declared", fault: .declaring(more: 1)),
        OutageRow(name: "longer than declared", fault: .declaring(more: -1)),
        OutageRow(
            name: "declared as a terabyte", fault: .declaring(more: 1 << 40), isOutage: false),
        OutageRow(name: "bytes too many", fault: .longer(by: 1_000)),
        OutageRow(name: "a byte too few", fault: .shorter(by: 1)),
        OutageRow(name: "first byte wrong", fault: .wrongFirstByte),
        OutageRow(name: "last byte wrong", fault: .wrongLastByte),
        OutageRow(name: "right length, other bytes", fault: .otherBytes),
        OutageRow(name: "broken gzip", fault: .brokenGzip),
        OutageRow(name: "gzip bomb", fault: .gzipBomb, isOutage: false),
        OutageRow(name: "redirect loop", fault: .redirectLoop, isOutage: false),
        OutageRow(
            name: "redirect to link-local", fault: .redirect(to: "http://169.254.169.254/latest/"),
            isOutage: false),
        OutageRow(
            name: "redirect to a name of this machine", fault: .redirect(to: "http://localhost:9/"),
            isOutage: false),
        OutageRow(
            name: "redirect with a password", fault: .redirect(to: "http://a:b@127.0.0.1:9/"),
            isOutage: false),
        OutageRow(name: "304 unasked", fault: .unaskedNotModified, isOutage: false),
        OutageRow(name: "206 unasked", fault: .unaskedPartial),
    ]
}
