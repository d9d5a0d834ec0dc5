import Configuration
import Testing

@Suite struct BucketLocationTests {
    @Test(
        "buckets that are accepted, and how they are written",
        arguments: [
            ("s3://wheels", "s3://wheels"), ("s3://wheels/", "s3://wheels"),
            ("s3://a.b-c/team/larder/", "s3://a.b-c/team/larder"),
            ("s3://wheels?region=eu-west-1", "s3://wheels?region=eu-west-1"),
            (
                "s3://wheels/p?path_style=false&endpoint=http%3A%2F%2F10.0.0.1:9000%2F&region=r",
                "s3://wheels/p?endpoint=http://10.0.0.1:9000/&region=r&path_style=false"
            ),
            (
                "s3://wheels?endpoint=https://s.example/base",
                "s3://wheels?endpoint=https://s.example/base"
            ),
            ("gs://my_bucket/p", "gs://my_bucket/p"),
            (
                "gs://wheels?endpoint=http://127.0.0.1:1/",
                "gs://wheels?endpoint=http://127.0.0.1:1/"
            ),
        ])
    func accepted(_ text: String, _ expected: String) throws {
        let settings = try read(environment: ["STORAGE_URL": text])
        #expect(settings.storage.description == expected)
        guard case .bucket(let bucket) = settings.storage else {
            Issue.record("no bucket")
            return
        }
        #expect(bucket.description == expected)
        let again = try read(environment: ["STORAGE_URL": expected])
        #expect(again.storage == settings.storage)
    }

    @Test(
        "buckets that are refused",
        arguments: [
            "s3://", "s3:///p", "s3://ab", "s3://Wheels", "s3://wheels/a//b", "s3://wheels/../x",
            "s3://wheels/a b", "s3://wheels/a%2Fb", "s3://wheels?endpoint=ftp://x/",
            "s3://wheels?endpoint=http://u:p@x/", "s3://wheels?region=", "s3://wheels?region=a%2Fb",
            "s3://wheels?path_style=yes", "s3://wheels?acl=public", "s3://wheels?region=a&region=b",
            "gs://wheels?region=a", "s3://wheels#x", "s3://-wheels", "s3://a..b", "wheels",
        ])
    func refused(_ text: String) {
        #expect(problems(environment: ["STORAGE_URL": text]).count == 1)
    }

    @Test("how much of a bucket is kept here")
    func tier() throws {
        #expect(try read(environment: [:]).tierSizeBytes == 10 << 30)
        #expect(try read(environment: ["LARDER_TIER_SIZE": "1GiB"]).tierSizeBytes == 1 << 30)
        #expect(problems(environment: ["LARDER_TIER_SIZE": "10"]).count == 1)
    }
}
