import Admission
import Backends
import Clients
import CommandLine
import Configuration
import Engine
import HTTPModel
import Spelling
import Upkeep

/// `larder token`: makes, lists and revokes tokens of clients.
enum TokenCommand {
    /// How long a token lasts when nobody says it, in seconds.
    private static let standardSeconds: Int64 = 90 * 86_400

    private static let longestSeconds: Int64 = 36_500 * 86_400

    static func create(_ options: TokenOptions, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let name = try checked(name: options.name)
            let scopes = try Self.scopes(options, known: desk.finder.upstreams)
            let (text, secret) = TokenText.make()
            let token = ClientToken(
                id: secret.id, name: name, digest: secret.digest,
                scopes: scopes.map(\.text).joined(separator: ","), isAdmin: options.isAdmin,
                createdAt: desk.now,
                expiresAt: try lifetime(options.lifetime).map { desk.now + $0 })
            switch try await desk.metadata.add(token, at: desk.now) {
            case .added: break
            case .nameTaken:
                throw CommandFailure(
                    "there is a token \(name) already; revoke it first, or take another name")
            case .full:
                throw CommandFailure(
                    "there are \(ClientToken.countLimit) tokens, which is the most; revoke some")
            }
            try await desk.record(.tokenCreated, upstream: "", name)
            return text
        }
    }

    static func list(_ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            let tokens = try await desk.metadata.clientTokens()
            guard !tokens.isEmpty else { return "there are no tokens" }
            let rows = tokens.map { row($0, at: desk.now) }
            let head = ["NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED"]
            return TextTable.lines([head] + rows).joined(separator: "\n")
        }
    }

    static func revoke(_ name: String, _ settings: Settings) async -> ExitStatus {
        await OperatorDesk.run(settings) { desk in
            guard try await desk.metadata.revokeToken(named: name, at: desk.now) else {
                let names = try await desk.metadata.clientTokens().map(\.name)
                let near = nearestName(to: name, among: names)
                let hint = near.map { "; did you mean \($0)?" } ?? ""
                throw CommandFailure("there is no token \(name)\(hint)")
            }
            try await desk.record(.tokenRevoked, upstream: "", name)
            return "revoked: \(name)"
        }
    }

    private static func row(_ token: ClientToken, at now: Int64) -> [String] {
        let end = token.expiresAt.map { end in
            Timestamp.text(end) + (end <= now ? " (over)" : "")
        }
        return [
            token.name, token.scopes + (token.isAdmin ? " admin" : ""),
            Timestamp.text(token.createdAt), end ?? "never",
            token.usedAt.map(Timestamp.text) ?? "never",
        ]
    }

    // MARK: What was asked for

    private static func checked(name: String) throws(CommandFailure) -> String {
        let isGood =
            (1...64).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                        || "._-".unicodeScalars.contains(scalar))
            }
        guard isGood else {
            throw CommandFailure(
                "NAME must be at most 64 letters, digits, dots, hyphens and underscores",
                status: .misuse)
        }
        return name
    }

    private static func scopes(
        _ options: TokenOptions, known upstreams: [String]
    ) throws(CommandFailure) -> [Scope] {
        let texts = options.scopes.isEmpty ? [Scope.all.text] : options.scopes
        var scopes: [Scope] = []
        for text in texts {
            guard let scope = Scope(text, of: upstreams) else {
                throw CommandFailure(Scope.complaint(text, of: upstreams), status: .misuse)
            }
            if !scopes.contains(scope) { scopes.append(scope) }
        }
        return scopes
    }

    /// In seconds; nil for one that does not end.
    private static func lifetime(_ text: String?) throws(CommandFailure) -> Int64? {
        guard let text else { return standardSeconds }
        if text == "never" { return nil }
        guard let seconds = AgeText.seconds(text), (1...longestSeconds).contains(seconds) else {
            throw CommandFailure(
                "--expires must be an age as 12h or 30d, at most 36500d, or never",
                status: .misuse)
        }
        return seconds
    }
}

extension Scope {
    /// The scope that a text means among these upstreams; nil where there is none.
    init?(_ text: String, of upstreams: [String]) {
        guard let scope = Scope(text), Self.known(upstreams).contains(scope.text) else {
            return nil
        }
        self = scope
    }

    /// What to say of a text that is none.
    static func complaint(_ text: String, of upstreams: [String]) -> String {
        let known = known(upstreams)
        let hint =
            nearestName(to: text, among: known).map { "did you mean \($0)?" }
            ?? "there are \(known.joined(separator: ", "))"
        return "unknown scope \"\(text)\"; \(hint)"
    }

    /// Every scope that means something, by the labels of the upstreams.
    private static func known(_ upstreams: [String]) -> [String] {
        var texts = [Scope.all.text, Scope.metrics.text]
        for label in upstreams {
            let scope = Scope(ofUpstream: label)
            if let ecosystem = scope.ecosystem, !texts.contains(ecosystem) {
                texts.append(ecosystem)
            }
            texts.append(scope.text)
        }
        return texts
    }
}
