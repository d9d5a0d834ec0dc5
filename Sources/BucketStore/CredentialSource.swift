package import HTTPModel

/// Where keys for S3 come from, as AWS's own clients choose.
package enum CredentialSource: Sendable, Hashable {
    case fixed(AccessKey)
    /// A role that a projected token may take (IRSA); the token's file changes now and then.
    case webIdentity(role: String, tokenFile: String, session: String, service: AbsoluteURL)
    /// An agent on this machine (EKS Pod Identity, ECS).
    case container(AbsoluteURL, authorization: Authorization)
    /// The metadata service of the virtual machine (IMDSv2).
    case instance(AbsoluteURL)

    package enum Authorization: Sendable, Hashable {
        case none
        case fixed(Hidden)
        /// Read anew at each request.
        case file(String)
    }

    /// A text that does not show itself.
    package struct Hidden: Sendable, Hashable, CustomStringConvertible {
        let text: String
        package init(_ text: String) { self.text = text }
        package var description: String { "***" }
    }

    /// What the environment says, in AWS's order.
    ///
    /// - Throws: A sentence on what is wrong or missing in it; it names variables, never values.
    package static func chosen(
        _ environment: [String: String], region: String
    ) throws(BucketProblem) -> CredentialSource {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let id = value("AWS_ACCESS_KEY_ID") {
            guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
                throw BucketProblem("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY")
            }
            return .fixed(
                AccessKey(id: id, secret: secret, sessionToken: value("AWS_SESSION_TOKEN")))
        }
        if let file = value("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = value("AWS_ROLE_ARN") {
            return .webIdentity(
                role: role, tokenFile: file, session: value("AWS_ROLE_SESSION_NAME") ?? "larder",
                service: try url(
                    value("AWS_ENDPOINT_URL_STS") ?? "https://sts.\(region).amazonaws.com/",
                    of: "AWS_ENDPOINT_URL_STS"))
        }
        if let container = try container(value) { return container }
        guard value("AWS_EC2_METADATA_DISABLED")?.asciiLowercased != "true" else {
            throw BucketProblem(
                "no credential for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        return .instance(
            try url(
                value("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254/",
                of: "AWS_EC2_METADATA_SERVICE_ENDPOINT"))
    }

    private static func container(
        _ value: (String) -> String?
    ) throws(BucketProblem) -> CredentialSource? {
        let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        let relative = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        guard let text = relative.map({ "http://169.254.170.2\($0)" }) ?? value(name) else {
            return nil
        }
        let place = try url(text, of: name)
        guard place.scheme == .https || isOnMachine(place.host) else {
            throw BucketProblem("\(name) must be https, loopback or a link-local address")
        }
        if let file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            return .container(place, authorization: .file(file))
        }
        let token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        return .container(place, authorization: token.map { .fixed(Hidden($0)) } ?? .none)
    }

    /// Where credentials may be asked for without TLS: loopback, and the agents' own addresses.
    private static func isOnMachine(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "[::1]"
            || ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"].contains(host)
    }

    private static func url(
        _ text: String, of variable: String
    ) throws(BucketProblem) -> AbsoluteURL {
        guard let url = AbsoluteURL(text) else { throw BucketProblem("\(variable) is no URL") }
        return url
    }
}

/// Why a bucket cannot be used as it is configured: one sentence without any secret.
package struct BucketProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// When something that ends is fetched again.
package enum RenewalRule {
    /// Seconds before its end from which a key or token is renewed while it still serves.
    static let leadSeconds: Int64 = 600

    package enum Standing: Sendable, Hashable {
        case good
        /// It serves, and another one should be fetched.
        case ageing
        /// It must not be sent any more.
        case ended
    }

    /// What may be done at `now` with something from `begin` to `end`.
    ///
    /// What lives shorter than twice the lead is renewed after half of its life.
    package static func standing(from begin: Int64, to end: Int64?, now: Int64) -> Standing {
        guard let end else { return .good }
        // Clocks differ by some seconds, and a request takes some to arrive.
        if now >= end - 10 { return .ended }
        let lead = min(leadSeconds, (end - begin) / 2)
        return now >= end - lead ? .ageing : .good
    }
}
