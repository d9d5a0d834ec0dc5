internal import Digests
internal import Ecosystems
internal import HTTPModel

/// All rules that concern one package, ready to be asked.
package struct PackageRules: Sendable {
    /// Changes whenever a rule does that concerns the package; part of its renderings' keys.
    package let tag: String
    package let isDryRun: Bool
    private let age: Int64
    private let nothingAfter: Int64?
    private let blocked: [PolicyRules.Listing]
    /// Nil where the ecosystem has no list of what is allowed.
    private let allowed: [PolicyRules.Listing]?
    private let exceptions: [PolicyRules.Exception]
    private let malware: [MalwareRecord]
    private let scheme: any VersionScheme

    /// Nil when nothing concerns the package, or any that one of unknown name could be.
    init?(
        _ package: String?, of ecosystem: String, _ rules: PolicyRules, malware: [MalwareRecord],
        scheme: any VersionScheme
    ) {
        // Without its name it may be any package that is refused, and none that is let through.
        func mayConcern(_ pattern: PackagePattern) -> Bool {
            if let package { return pattern.covers(package, of: ecosystem) }
            return pattern.ecosystem ?? ecosystem == ecosystem
        }
        func concern(_ pattern: PackagePattern) -> Bool {
            pattern.covers(package ?? "", of: ecosystem)
        }
        let ages = scheme.isDated ? rules.ages.filter { mayConcern($0.pattern) } : []
        age =
            package == nil
            ? ages.map(\.seconds).max() ?? 0
            : ages.max { $0.pattern.weight < $1.pattern.weight }?.seconds ?? 0
        nothingAfter = scheme.isDated ? rules.nothingAfter : nil
        blocked = rules.blocked.filter { mayConcern($0.pattern) }
        let hasList = rules.allowed.contains { $0.pattern.ecosystem ?? ecosystem == ecosystem }
        allowed = hasList ? rules.allowed.filter { concern($0.pattern) } : nil
        self.malware = rules.matchesMalware ? malware : []
        guard
            age > 0 || nothingAfter != nil || !blocked.isEmpty || allowed != nil
                || !self.malware.isEmpty
        else { return nil }
        exceptions = rules.exceptions.filter { concern($0.listing.pattern) }
        isDryRun = rules.mode == .dryRun
        self.scheme = scheme
        tag = Self.tag([
            ["\(isDryRun)", "\(age)", "\(nothingAfter ?? 0)", "\(hasList)"],
            (blocked + [nil] + (allowed ?? [])).map { $0.map(Self.text) ?? "" },
            exceptions.map {
                Self.text($0.listing) + $0.lifts.map(\.rawValue).sorted().joined()
                    + "\($0.endsAt ?? 0)"
            },
            self.malware.map { "\($0)" },
        ])
    }

    private static func text(_ listing: PolicyRules.Listing) -> String {
        "\(listing.pattern) \(listing.range.text) \(listing.reason)"
    }

    private static func tag(_ parts: [[String]]) -> String {
        let text = parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        return String(BlobDigest.of(Array(text.utf8)).hex.prefix(16))
    }

    /// Whether a date decides, so that it has to be found out.
    package var needsDates: Bool { age > 0 || nothingAfter != nil }

    /// The same without dates: for what says something of a release and is none.
    package func rulingByLists(on release: KnownRelease, at now: Int64) -> PolicyRuling {
        let ruling = ruling(on: release, at: now)
        guard let refusal = ruling.verdict.refusal, !refusal.isListed else { return ruling }
        return PolicyRuling(.allowed, changesAt: ruling.changesAt)
    }

    /// Judges one release; a pure function of its arguments.
    ///
    /// The order is that in which reasons are worth telling. Unknown is refused throughout.
    package func ruling(on release: KnownRelease, at now: Int64) -> PolicyRuling {
        let lifted = lifted(for: release.version, at: now)
        var end: Int64?
        func isLifted(_ kind: PolicyRules.Exception.Lifted) -> Bool {
            guard let until = lifted[kind] else { return false }
            if let until { end = min(end ?? until, until) }
            return true
        }
        for listed in listed(release) where !isLifted(listed.lift) {
            return PolicyRuling(.refused(listed.refusal), changesAt: nextException(at: now))
        }
        guard needsDates, !isLifted(.age) else { return PolicyRuling(.allowed, changesAt: end) }
        let ruling = dated(release, at: now)
        guard case .allowed = ruling.verdict else { return ruling }
        return PolicyRuling(.allowed, changesAt: end)
    }

    /// What is lifted now, each with its end; nil inside is for ever.
    private func lifted(
        for version: String?, at now: Int64
    ) -> [PolicyRules.Exception.Lifted: Int64?] {
        var found: [PolicyRules.Exception.Lifted: Int64?] = [:]
        for exception in exceptions where exception.endsAt.map({ $0 > now }) ?? true {
            guard covers(exception.listing.range, version, ifUnknown: false) else { continue }
            for kind in exception.lifts { found[kind] = .some(exception.endsAt) }
        }
        return found
    }

    private func nextException(at now: Int64) -> Int64? {
        exceptions.compactMap(\.endsAt).filter { $0 > now }.min()
    }

    private func listed(
        _ release: KnownRelease
    ) -> [(refusal: PolicyRefusal, lift: PolicyRules.Exception.Lifted)] {
        var found: [(refusal: PolicyRefusal, lift: PolicyRules.Exception.Lifted)] = []
        if let record = malware.first(where: { $0.affects(release.version, scheme) }) {
            found.append((PolicyRefusal(.malware, "known malware, \(record.id)"), .malware))
        }
        if let rule = blocked.first(where: {
            covers($0.range, release.version, ifUnknown: true)
        }) {
            found.append((PolicyRefusal(.blocked, rule.reason), .block))
        }
        if let allowed,
            !allowed.contains(where: { covers($0.range, release.version, ifUnknown: false) })
        {
            found.append(
                (PolicyRefusal(.notAllowed, "it is not on the list of what is allowed"), .block))
        }
        return found
    }

    /// A version that is none is as unknown as one that nobody names.
    private func covers(_ range: VersionRange, _ version: String?, ifUnknown: Bool) -> Bool {
        guard let version else { return range.isAll || ifUnknown }
        return range.covers(version) ?? ifUnknown
    }

    private func dated(_ release: KnownRelease, at now: Int64) -> PolicyRuling {
        let published = ReleaseDate.plausible(release.publishedAt ?? release.heldSince, at: now)
        guard let published else {
            let isFuture = (release.publishedAt ?? 0) > now
            return PolicyRuling(
                .refused(
                    PolicyRefusal(
                        .undated,
                        isFuture
                            ? "its date of publication lies in the future"
                            : "nothing says when it was published")),
                changesAt: isFuture ? now + 3_600 : nil)
        }
        if let nothingAfter, published > nothingAfter {
            return PolicyRuling(
                .refused(
                    PolicyRefusal(
                        .tooLate,
                        "published after \(Timestamp.text(nothingAfter))")))
        }
        guard now - published < age else { return .allowed }
        let end = published + age
        return PolicyRuling(
            .refused(
                PolicyRefusal(
                    .tooYoung,
                    "published less than \(PolicyTime.text(duration: age)) ago; "
                        + "it is served from \(Timestamp.text(end)) on")),
            changesAt: end)
    }
}
