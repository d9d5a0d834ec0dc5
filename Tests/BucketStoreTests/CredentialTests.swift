import BucketStore
import Digests
import Foundation
import HTTPModel
import Support
import Testing

struct CredentialTests {
    struct SourceRow: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let environment: [String: String]
        let source: CredentialSource?
    }

    static func url(_ text: String) -> AbsoluteURL {
        guard let url = AbsoluteURL(text) else { preconditionFailure("bad URL") }
        return url
    }

    static let identity = [
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t",
    ]

    static let sources = [
        SourceRow(
            testDescription: "fixed keys win",
            environment: identity.merging(
                ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"]
            ) { $1 },
            source: .fixed(AccessKey(id: "a", secret: "b", sessionToken: "c"))),
        SourceRow(
            testDescription: "a key without its secret", environment: ["AWS_ACCESS_KEY_ID": "a"],
            source: nil),
        SourceRow(
            testDescription: "a projected token", environment: identity,
            source: .webIdentity(
                role: "arn:aws:iam::1:role/r", tokenFile: "/t", session: "larder",
                service: url("https://sts.eu-west-1.amazonaws.com/"))),
        SourceRow(
            testDescription: "a projected token, and where to bring it",
            environment: identity.merging(["AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1/"]) { $1 },
            source: .webIdentity(
                role: "arn:aws:iam::1:role/r", tokenFile: "/t", session: "larder",
                service: url("http://127.0.0.1:1/"))),
        SourceRow(
            testDescription: "EKS Pod Identity",
            environment: [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/f",
            ],
            source: .container(
                url("http://169.254.170.23/v1/credentials"), authorization: .file("/f"))),
        SourceRow(
            testDescription: "an agent elsewhere without TLS",
            environment: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/"], source: nil),
        SourceRow(
            testDescription: "nothing: the metadata service", environment: [:],
            source: .instance(url("http://169.254.169.254/"))),
        SourceRow(
            testDescription: "nothing, and no metadata service",
            environment: ["AWS_EC2_METADATA_DISABLED": "TRUE"], source: nil),
    ]

    @Test("keys come from where AWS's clients take them", arguments: sources)
    func source(_ row: SourceRow) {
        let source = try? CredentialSource.chosen(row.environment, region: "eu-west-1")
        #expect(source == row.source)
    }

    static let standings: [(Int64, Int64?, Int64, RenewalRule.Standing)] = [
        (0, nil, 1 << 40, .good), (0, 3_600, 2_999, .good), (0, 3_600, 3_000, .ageing),
        (0, 3_600, 3_589, .ageing), (0, 3_600, 3_590, .ended), (0, 100, 49, .good),
        (0, 100, 50, .ageing),
    ]

    @Test("what ends is renewed before its end", arguments: standings)
    func standing(
        _ begin: Int64, _ end: Int64?, _ now: Int64, _ standing: RenewalRule.Standing
    ) {
        #expect(RenewalRule.standing(from: begin, to: end, now: now) == standing)
    }

    @Test("the token service's answer")
    func webIdentity() {
        let text = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>tok</SessionToken>
            <SecretAccessKey>sec</SecretAccessKey><Expiration>2013-05-24T00:00:00Z</Expiration>
            <AccessKeyId>id</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """
        let key = AccessKey(
            id: "id", secret: "sec", sessionToken: "tok", expiresAt: 1_369_353_600)
        #expect(CredentialAnswers.webIdentity(Array(text.utf8)) == key)
        #expect(CredentialAnswers.webIdentity(Array(text.dropLast(5).utf8)) == nil)
    }

    static let documents: [(String, Bool)] = [
        (
            #"{"AccessKeyId":"a","SecretAccessKey":"b","Token":"c","Expiration":"2013-05-24T00:00:00Z"}"#,
            true
        ),
        (#"{"AccessKeyId":"a","SecretAccessKey":"b"}"#, true),
        (#"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"soon"}"#, false),
        (#"{"AccessKeyId":"a\r\nx","SecretAccessKey":"b"}"#, false),
        (#"{"Code":"Failed"}"#, false), ("", false),
    ]

    @Test("an agent's answer", arguments: documents)
    func keyDocument(_ text: String, _ isKey: Bool) {
        #expect((CredentialAnswers.keyDocument(Array(text.utf8)) != nil) == isKey)
    }

    static let tokens: [(String, Int64?)] = [
        (#"{"access_token":"t","expires_in":3599,"token_type":"Bearer"}"#, 4_599),
        (#"{"access_token":"t","expires_in":3599,"token_type":"MAC"}"#, nil),
        (#"{"access_token":"t\nx","expires_in":3599,"token_type":"Bearer"}"#, nil),
        (#"{"access_token":"t","expires_in":-1,"token_type":"Bearer"}"#, nil),
        (#"{"error":"invalid_grant"}"#, nil),
    ]

    @Test("a token's answer", arguments: tokens)
    func token(_ text: String, _ end: Int64?) {
        let token = CredentialAnswers.token(Array(text.utf8), now: 1_000)
        #expect(token?.end == end)
    }

    @Test("an assertion says who asks for what, and is signed with the account's key")
    func assertion() throws {
        let account = try ServiceAccount(SampleKey.file(tokenURL: "http://127.0.0.1:1/token"))
        #expect(account.tokenURL.description == "http://127.0.0.1:1/token")
        let assertion = try #require(account.assertion(at: 1_000))
        let parts = assertion.split(separator: ".")
        #expect(parts.count == 3)
        let header = try #require(SampleKey.object(parts[0]))
        #expect(header as NSDictionary == ["alg": "RS256", "typ": "JWT", "kid": "key-1"])
        let claims = try #require(SampleKey.object(parts[1]))
        let expected: NSDictionary = [
            "iss": "larder@example.iam", "aud": "http://127.0.0.1:1/token", "iat": 1_000,
            "exp": 4_600, "scope": "https://www.googleapis.com/auth/devstorage.read_write",
        ]
        #expect(claims as NSDictionary == expected)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let signature = try #require(SampleKey.decoded(parts[2]))
        #expect(try SampleKey.key().made(signature, of: signed))
        #expect(try SampleKey.key().made(signature, of: signed + [1]) == false)
    }

    static let brokenFiles = [
        "", "{}", #"{"type":"authorized_user"}"#,
        #"{"type":"service_account","client_email":"a","private_key":"x","token_uri":"http://a/"}"#,
    ]

    @Test("a file that is no key is told so, with nothing of it", arguments: brokenFiles)
    func brokenFile(_ text: String) {
        #expect(throws: BucketProblem.self) { try ServiceAccount(Array(text.utf8)) }
    }
}
