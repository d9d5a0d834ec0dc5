import CacheRules
import HTTPModel
import Testing

@Suite struct UpstreamFreshnessTests {
    private static let now: Int64 = 784_111_777
    private static let today = "Sun, 06 Nov 1994 08:49:37 GMT"

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: [(name: String, value: String)]
        let seconds: Int64
    }

    static let rows: [Row] = [
        .init(testDescription: "nothing said", fields: [], seconds: 0),
        .init(testDescription: "max-age", fields: [("cache-control", "max-age=60")], seconds: 60),
        .init(
            testDescription: "s-maxage is for shared caches",
            fields: [("cache-control", "max-age=60, s-maxage=70")], seconds: 70),
        .init(
            testDescription: "max-age beats Expires",
            fields: [("cache-control", "max-age=60"), ("expires", "0")], seconds: 60),
        .init(
            testDescription: "Expires counts from Date",
            fields: [("date", today), ("expires", "Sun, 06 Nov 1994 08:51:17 GMT")], seconds: 100),
        .init(
            testDescription: "Expires alone counts from now",
            fields: [("expires", "Sunday, 06-Nov-94 08:49:47 GMT")], seconds: 10),
        .init(
            testDescription: "a damaged Expires is past",
            fields: [("expires", "0"), ("last-modified", "Sun, 06 Nov 1988 08:49:37 GMT")],
            seconds: 0),
        .init(
            testDescription: "a tenth of the time since the last change",
            fields: [("last-modified", "Sun, 06 Nov 1994 08:32:57 GMT")], seconds: 100),
        .init(
            testDescription: "of at most a day",
            fields: [("last-modified", "Sun, 06 Nov 1988 08:49:37 GMT")], seconds: 86_400),
        .init(
            testDescription: "Age is used up",
            fields: [("cache-control", "max-age=60"), ("age", "45")],
            seconds: 15),
        .init(
            testDescription: "the first Age of several",
            fields: [("cache-control", "max-age=60"), ("age", "1, 45")], seconds: 59),
        .init(
            testDescription: "a damaged Age is none",
            fields: [("cache-control", "max-age=60"), ("age", "4.5")], seconds: 60),
        .init(
            testDescription: "an old Date is age, too",
            fields: [
                ("cache-control", "max-age=60"), ("date", "Sun, 06 Nov 1994 08:49:07 GMT"),
                ("age", "1"),
            ], seconds: 30),
        .init(
            testDescription: "a Date ahead of ours is none",
            fields: [("cache-control", "max-age=60"), ("date", "Sun, 06 Nov 1994 08:59:07 GMT")],
            seconds: 60),
        .init(
            testDescription: "older than its lifetime",
            fields: [("cache-control", "max-age=60"), ("age", "99999999999999999999")], seconds: 0),
        .init(
            testDescription: "private", fields: [("cache-control", "private, max-age=60")],
            seconds: 0),
        .init(
            testDescription: "what clients' fields choose is asked for each time",
            fields: [("cache-control", "max-age=60"), ("vary", "Accept-Encoding, Foo")], seconds: 0),
        .init(
            testDescription: "codings are ours",
            fields: [("cache-control", "max-age=60"), ("vary", "accept-encoding")], seconds: 60),
        .init(
            testDescription: "anything may choose",
            fields: [("cache-control", "max-age=60"), ("vary", "*")], seconds: 0),
    ]

    @Test("the lifetime that is left, RFC 9111 section 4.2", arguments: rows)
    func remaining(_ row: Row) {
        let seconds = UpstreamFreshness.remainingSeconds(
            Headers(row.fields), receivedAt: Self.now)
        #expect(seconds == row.seconds)
    }

    struct StaleRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let cacheControl: String
        let use: UpstreamFreshness.StaleUse
    }

    static let stale: [StaleRow] = [
        .init(testDescription: "nothing said", cacheControl: "max-age=1", use: .onFailure),
        .init(testDescription: "must-revalidate", cacheControl: "must-revalidate", use: .never),
        .init(testDescription: "proxy-revalidate", cacheControl: "proxy-revalidate", use: .never),
        .init(testDescription: "s-maxage", cacheControl: "s-maxage=1", use: .never),
        .init(testDescription: "no-cache", cacheControl: "no-cache", use: .never),
        .init(
            testDescription: "within the window", cacheControl: "stale-while-revalidate=31",
            use: .whileValidating),
        .init(
            testDescription: "past the window", cacheControl: "stale-while-revalidate=30",
            use: .onFailure),
        .init(
            testDescription: "forbidden in spite of a window",
            cacheControl: "must-revalidate, stale-while-revalidate=31", use: .never),
    ]

    @Test("what a stale response allows, 30 s late, RFC 9111 section 4.2.4", arguments: stale)
    func staleUse(_ row: StaleRow) {
        let headers = Headers([("cache-control", row.cacheControl)])
        #expect(UpstreamFreshness.staleUse(headers, bySeconds: 30) == row.use)
    }
}
