/// What type Helm's schema gives to a value, by its place in the index.
///
/// Clients read an index into typed fields, and one number where a text belongs fails all of it.
/// Source: helm/helm `pkg/repo/v1/index.go` and `pkg/chart/v2/metadata.go`.
enum IndexShape: Sendable, Hashable {
    case index, apiVersion, charts, entry
    case text, flag, time, texts, textMap
    case maintainers, maintainer, dependencies, dependency
    /// Fields of an entry that are looked at.
    case name, version, created, digest, urls
    /// The index's own time.
    case generated
    /// What the schema does not know, copied.
    case any

    /// The shape of a list's elements; nil for what is no list.
    var element: IndexShape? {
        switch self {
        case .texts: .text
        case .maintainers: .maintainer
        case .dependencies: .dependency
        default: nil
        }
    }

    /// Whether a value of this shape is a mapping.
    var isMapping: Bool {
        switch self {
        case .textMap, .maintainer, .dependency, .entry, .index: true
        default: false
        }
    }

    /// The shape of a member; `key` is a range of `bytes`.
    func member(_ key: Range<Int>, in bytes: [UInt8]) -> IndexShape {
        switch self {
        case .textMap: .text
        case .index: Self.member(key, in: bytes, of: Self.indexFields)
        case .entry: Self.member(key, in: bytes, of: Self.entryFields)
        case .maintainer: Self.member(key, in: bytes, of: Self.maintainerFields)
        case .dependency: Self.member(key, in: bytes, of: Self.dependencyFields)
        default: .any
        }
    }

    private struct Field: Sendable {
        let name: [UInt8]
        let shape: IndexShape
    }

    private static func member(
        _ key: Range<Int>, in bytes: [UInt8], of fields: [Field]
    ) -> IndexShape {
        for field in fields where field.name.count == key.count {
            var index = 0
            while index < key.count, bytes[key.lowerBound + index] == field.name[index] {
                index += 1
            }
            if index == key.count { return field.shape }
        }
        return .any
    }

    private static func fields(_ shapes: [(String, IndexShape)]) -> [Field] {
        shapes.map { Field(name: Array($0.0.utf8), shape: $0.1) }
    }

    private static let indexFields = fields([
        ("apiVersion", .apiVersion), ("entries", .charts), ("generated", .generated),
        ("annotations", .textMap), ("publicKeys", .texts),
    ])

    private static let entryFields = fields([
        ("annotations", .textMap), ("apiVersion", .text), ("appVersion", .text),
        ("checksum", .text), ("condition", .text), ("created", .created),
        ("dependencies", .dependencies), ("deprecated", .flag), ("description", .text),
        ("digest", .digest), ("engine", .text), ("home", .text), ("icon", .text),
        ("keywords", .texts), ("kubeVersion", .text), ("maintainers", .maintainers),
        ("name", .name), ("removed", .flag), ("sources", .texts), ("tags", .text),
        ("tillerVersion", .text), ("type", .text), ("url", .text), ("urls", .urls),
        ("version", .version),
    ])

    private static let maintainerFields = fields([
        ("name", .text), ("email", .text), ("url", .text),
    ])

    private static let dependencyFields = fields([
        ("name", .text), ("version", .text), ("repository", .text), ("condition", .text),
        ("alias", .text), ("enabled", .flag), ("tags", .texts),
    ])
}
