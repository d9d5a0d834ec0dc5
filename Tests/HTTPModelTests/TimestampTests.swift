import HTTPModel
import Testing

/// Times in UTC as registries, cloud services and operators write them.
@Suite struct TimestampTests {
    @Test(
        "whole seconds, and the first one that is not before it",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0, 0), ("1969-12-31T23:59:59Z", -1, -1),
            ("2013-05-24T00:00:00.123Z", 1_369_353_600, 1_369_353_601),
            ("2020-10-10T12:34:56.789Z", 1_602_333_296, 1_602_333_297),
            ("2000-02-29T23:59:59Z", 951_868_799, 951_868_799),
        ] as [(String, Int64, Int64)])
    func times(_ text: String, _ seconds: Int64, _ rounded: Int64) throws {
        let time = try #require(Timestamp(text.utf8))
        #expect(time.seconds == seconds)
        #expect(time.secondsRoundedUp == rounded)
        #expect(Timestamp.text(seconds) == String(text.prefix(19)) + "Z")
    }

    @Test(
        "what is no time",
        arguments: [
            "", "2020-10-10", "2020-10-10T12:34:56", "2020-10-10T12:34:56+02:00", "now",
            "2021-02-29T00:00:00Z", "2020-13-01T00:00:00Z", "2020-01-01T24:00:00Z",
            "2020-01-01T00:00:00.5.5Z", "2013-05-24 00:00:00Z", "2013-05-24T00:00:00.Z",
        ])
    func noTimes(_ text: String) {
        #expect(Timestamp(text.utf8) == nil)
    }

    @Test("the basic format")
    func basic() {
        #expect(Timestamp.basicText(1_369_353_600) == "20130524T000000Z")
    }
}
