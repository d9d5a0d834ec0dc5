import BucketStore
import Digests
import HTTPModel
import Testing

/// The example requests of AWS's own documentation ("Signature Calculations for the Authorization
/// Header", "Authenticating Requests: Using Query Parameters", S3 API reference).
struct SignerTests {
    static let key = AccessKey(
        id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    /// 20130524T000000Z.
    static let second: Int64 = 1_369_353_600
    static let signer = RequestSigner(key, region: "us-east-1")

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "GET"
        var path = "/"
        var query: [QueryItem] = []
        var headers: [(String, String)] = []
        var body = ""
        let names: String
        let signature: String

        var subject: RequestSigner.Subject {
            RequestSigner.Subject(
                method: method, host: "examplebucket.s3.amazonaws.com", path: path, query: query,
                headers: Headers(headers), payload: BlobDigest.of(Array(body.utf8)).hex)
        }
    }

    static let examples = [
        Example(
            testDescription: "GET of a range", path: "/test.txt",
            headers: [("Range", "bytes=0-9")],
            names: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            testDescription: "PUT of an object", method: "PUT", path: "/test%24file.text",
            headers: [
                ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ], body: "Welcome to Amazon S3.",
            names: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            testDescription: "a query without a value", query: [QueryItem("lifecycle")],
            names: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            testDescription: "a list",
            query: [QueryItem("prefix", "J"), QueryItem("max-keys", "2")],
            names: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test("AWS's examples have AWS's signatures", arguments: examples)
    func published(_ example: Example) throws {
        let headers = Self.signer.signed(example.subject, at: Self.second)
        let expected =
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            + "SignedHeaders=\(example.names), Signature=\(example.signature)"
        #expect(headers["authorization"] == expected)
        #expect(headers["host"] == nil)
    }

    @Test("AWS's example of a presigned URL")
    func presigned() {
        let subject = RequestSigner.Subject(
            method: "GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt",
            payload: RequestSigner.unsignedPayload)
        let query = Self.signer.presigned(subject, at: Self.second, for: 86_400)
        #expect(
            query.hasSuffix(
                "X-Amz-Signature="
                    + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
        #expect(query.contains("X-Amz-Expires=86400"))
        #expect(query.contains("20130524%2Fus-east-1%2Fs3%2Faws4_request"))
    }

    @Test("a session's token is sent and signed, and nothing shows it or the secret")
    func sessionToken() throws {
        let key = AccessKey(id: "AKID", secret: "topsecret", sessionToken: "tok/en==")
        let subject = RequestSigner.Subject(
            method: "GET", host: "b.example", path: "/x", payload: RequestSigner.unsignedPayload)
        let headers = RequestSigner(key, region: "eu-west-1").signed(subject, at: Self.second)
        #expect(headers["x-amz-security-token"] == "tok/en==")
        #expect(headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD")
        let authorization = try #require(headers["authorization"])
        #expect(authorization.contains("x-amz-date;x-amz-security-token,"))
        let query = RequestSigner(key, region: "eu-west-1")
            .presigned(subject, at: Self.second, for: 60)
        #expect(query.contains("X-Amz-Security-Token=tok%2Fen%3D%3D"))
        #expect("\(key)\(String(reflecting: key))".contains("topsecret") == false)
    }

    struct PlaceRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let place: S3Place?
        let url: String
    }

    static let endpoint = AbsoluteURL("http://127.0.0.1:9000/base")

    static let places = [
        PlaceRow(
            testDescription: "AWS, host of the bucket's own",
            place: S3Place(bucket: "b", region: "eu-west-1"),
            url: "https://b.s3.eu-west-1.amazonaws.com/p/a%2B%40%25b?uploads="),
        PlaceRow(
            testDescription: "a bucket with dots has no certificate of its own",
            place: S3Place(bucket: "b.c", region: "eu-west-1"),
            url: "https://s3.eu-west-1.amazonaws.com/b.c/p/a%2B%40%25b?uploads="),
        PlaceRow(
            testDescription: "another store, path style",
            place: S3Place(bucket: "b", region: "r", endpoint: endpoint),
            url: "http://127.0.0.1:9000/base/b/p/a%2B%40%25b?uploads="),
        PlaceRow(
            testDescription: "another store, as it is told",
            place: S3Place(
                bucket: "b", region: "r", endpoint: AbsoluteURL("https://s.example:8443"),
                isPathStyle: false),
            url: "https://b.s.example:8443/p/a%2B%40%25b?uploads="),
    ]

    @Test("where an object is", arguments: places)
    func place(_ row: PlaceRow) throws {
        let place = try #require(row.place)
        #expect(place.url("p/a+@%b", [QueryItem("uploads")])?.description == row.url)
    }
}
