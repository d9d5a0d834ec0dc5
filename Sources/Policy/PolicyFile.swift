package import Ecosystems
internal import YAML

/// Reads a policy file: ages, lists and exceptions, each line of it checked.
///
/// A key that is not known, a range that is none and a date that is none refuse the whole file: a
/// rule that is quietly left out would let in what it was written against.
package struct PolicyFile {
    private let name: String
    private let schemes: [String: any VersionScheme]

    /// Reads a file's text into rules, in addition to what they hold.
    package static func read(
        _ bytes: [UInt8], name: String, schemes: [String: any VersionScheme],
        into rules: inout PolicyRules
    ) throws(PolicyError) {
        let reader = PolicyFile(name: name, schemes: schemes)
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLNode.read(bytes.span)
        } catch {
            throw PolicyError("\(name): \(error)")
        }
        guard let root else { return }
        try reader.read(root, into: &rules)
    }

    private func read(_ root: YAMLNode, into rules: inout PolicyRules) throws(PolicyError) {
        for entry in try members(root) {
            switch entry.key {
            case "minimum_age": rules.ages += try ages(entry.value)
            case "block": rules.blocked += try listings(entry.value, needsReason: true)
            case "allow": rules.allowed += try listings(entry.value, needsReason: false)
            case "exceptions":
                for node in try elements(entry.value) {
                    rules.exceptions.append(try exception(node))
                }
            default: throw unknown(entry)
            }
        }
    }

    private func ages(_ node: YAMLNode) throws(PolicyError) -> [PolicyRules.Age] {
        var found: [PolicyRules.Age] = []
        for entry in try members(node) {
            let text = try scalar(entry.value)
            // An ecosystem alone is all of it.
            let pattern =
                PackagePattern(entry.key, schemes)
                ?? PackagePattern("\(entry.key):*", schemes)
            guard let pattern else { throw badPattern(entry.key, entry.keyPosition.line) }
            if let ecosystem = pattern.ecosystem, schemes[ecosystem]?.isDated == false {
                throw fault(
                    entry.value, "is for \(ecosystem), where publishers choose the dates themselves"
                )
            }
            guard let seconds = PolicyTime.duration(text) else {
                throw fault(entry.value, "must be a duration such as 7d, 36h or 0")
            }
            found.append(PolicyRules.Age(pattern: pattern, seconds: seconds))
        }
        return found
    }

    private func listings(
        _ node: YAMLNode, needsReason: Bool
    ) throws(PolicyError) -> [PolicyRules.Listing] {
        var found: [PolicyRules.Listing] = []
        for element in try elements(node) {
            if case .scalar(let text, _) = element.content, !needsReason {
                found.append(try listing(text, nil, nil, element))
                continue
            }
            try only(["package", "versions", "reason"], in: element)
            if needsReason, element["reason"] == nil {
                throw fault(element, "needs a reason, which clients are told")
            }
            found.append(try listing(of: element))
        }
        return found
    }

    private func exception(_ node: YAMLNode) throws(PolicyError) -> PolicyRules.Exception {
        try only(["package", "versions", "reason", "until", "lifts"], in: node)
        var end: Int64?
        if let until = node["until"] {
            end = PolicyTime.date(try scalar(until), isEnd: true)
            guard end != nil else { throw fault(until, "must be a date such as 2026-12-31") }
        }
        let listing = try listing(of: node)
        guard end != nil || !listing.pattern.isPrefix else {
            throw fault(node, "names many packages and needs an end: until")
        }
        var lifts: Set<PolicyRules.Exception.Lifted> = []
        if let kinds = node["lifts"] {
            let nodes = if case .sequence(let nodes) = kinds.content { nodes } else { [kinds] }
            for kind in nodes {
                guard let one = PolicyRules.Exception.Lifted(rawValue: try scalar(kind)) else {
                    throw fault(kind, "must be age, block or malware")
                }
                lifts.insert(one)
            }
        } else {
            lifts = [.age]
        }
        return PolicyRules.Exception(listing: listing, lifts: lifts, endsAt: end)
    }

    private func listing(of node: YAMLNode) throws(PolicyError) -> PolicyRules.Listing {
        guard let package = node["package"] else { throw fault(node, "needs a package") }
        let versions = try node["versions"].map { (node) throws(PolicyError) in try scalar(node) }
        let reason = try node["reason"].map { (node) throws(PolicyError) in try scalar(node) }
        return try listing(try scalar(package), versions, reason, node)
    }

    private func listing(
        _ package: String, _ versions: String?, _ reason: String?, _ node: YAMLNode
    ) throws(PolicyError) -> PolicyRules.Listing {
        guard let pattern = PackagePattern(package, schemes) else {
            throw badPattern(package, node.position.line)
        }
        let isShort = (1...300).contains(reason?.utf8.count ?? 1)
        guard isShort, reason?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) ?? true else {
            throw fault(node, "has a reason that is not one line of up to 300 bytes")
        }
        var range = VersionRange.all
        if let versions, versions != "*" {
            guard let scheme = pattern.ecosystem.flatMap({ schemes[$0] }) else {
                throw fault(node, "has versions and names no ecosystem")
            }
            guard let test = scheme.range(versions) else {
                throw fault(node, "has versions that are no range of \(pattern.ecosystem ?? "")")
            }
            range = VersionRange(text: versions, test: test)
        }
        return PolicyRules.Listing(
            pattern: pattern, range: range, reason: reason ?? "refused by the operator")
    }

    // MARK: Nodes

    private func members(_ node: YAMLNode) throws(PolicyError) -> [YAMLNode.Entry] {
        if node.isNull { return [] }
        guard case .mapping(let entries) = node.content else { throw fault(node, "must be a map") }
        return entries
    }

    private func elements(_ node: YAMLNode) throws(PolicyError) -> [YAMLNode] {
        if node.isNull { return [] }
        guard case .sequence(let nodes) = node.content else { throw fault(node, "must be a list") }
        return nodes
    }

    private func scalar(_ node: YAMLNode) throws(PolicyError) -> String {
        guard case .scalar(let text, _) = node.content, !text.isEmpty else {
            throw fault(node, "must be a plain value")
        }
        return text
    }

    private func only(_ known: Set<String>, in node: YAMLNode) throws(PolicyError) {
        for entry in try members(node) where !known.contains(entry.key) { throw unknown(entry) }
    }

    private func fault(_ node: YAMLNode, _ sentence: String) -> PolicyError {
        PolicyError("\(name):\(node.position.line): \(sentence)")
    }

    private func unknown(_ entry: YAMLNode.Entry) -> PolicyError {
        PolicyError("\(name):\(entry.keyPosition.line): the key \"\(entry.key)\" is not known")
    }

    private func badPattern(_ text: String, _ line: Int) -> PolicyError {
        let known = schemes.keys.sorted().joined(separator: ", ")
        return PolicyError(
            "\(name):\(line): \"\(text)\" is no package; write ECOSYSTEM:NAME, perhaps with a * at "
                + "its end, with one of \(known)")
    }
}
