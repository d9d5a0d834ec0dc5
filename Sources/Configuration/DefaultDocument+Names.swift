/// The names that an operator may give.
extension DefaultDocument {
    /// What is wrong with a name in a map of names: it is a segment of our paths, or a scope.
    static func fault(inName name: String, below key: String) -> String? {
        if key == "npm.scopes" { return fault(inScope: name) }
        if key == "helm.repositories" { return fault(inRepository: name) }
        if reservedNames.contains(name) { return "is a reserved name; choose another" }
        let isGood =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
        return isGood ? nil : "is no name here: use a to z, 0 to 9 and hyphens"
    }

    /// No dots: a name with one would look like a longer key.
    private static func fault(inScope name: String) -> String? {
        let isGood =
            (2...64).contains(name.utf8.count) && name.hasPrefix("@")
            && name.utf8.dropFirst().allSatisfy { byte in
                isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || Array("-_~".utf8).contains(byte)
            }
        return isGood ? nil : "is no scope here: use @ and a to z, 0 to 9, hyphens, _ and ~"
    }

    /// A name behind whose last dot a known key stands would look like that key.
    static func fault(inRepository name: String) -> String? {
        if name == "index.yaml" { return "is a reserved name; choose another" }
        if repositoryKeys.contains(where: { name.hasSuffix(".\($0)") }) {
            return "ends like a key of its own map; choose another"
        }
        let isGood =
            (1...64).contains(name.utf8.count) && ![".", "_", "-"].contains(name.prefix(1))
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || (0x61...0x7A).contains(byte) || Array("._-".utf8).contains(byte)
            }
        return isGood ? nil : "is no name here: use a to z, 0 to 9, dots, hyphens and _"
    }
}
