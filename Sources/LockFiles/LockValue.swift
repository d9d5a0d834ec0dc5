internal import Ecosystems
internal import YAML

/// A value of a lock file, whether it is JSON, TOML or YAML.
enum LockValue: Sendable, Hashable {
    case string(String)
    /// A number, a time or a truth value, as it is written; null is `null`.
    case plain(String)
    case array([LockValue])
    case table([String: LockValue])

    subscript(key: String) -> LockValue? {
        if case .table(let entries) = self { entries[key] } else { nil }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The text of a string or of anything plain: YAML does not tell `1.10` from a text.
    var text: String? {
        switch self {
        case .string(let text), .plain(let text): text
        case .array, .table: nil
        }
    }

    /// The elements of an array; none of anything else.
    var elements: [LockValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The members of a table by their keys' order; none of anything else.
    var members: [(key: String, value: LockValue)] {
        guard case .table(let entries) = self else { return [] }
        return entries.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }

    var isTrue: Bool { self == .plain("true") }
}

extension LockValue {
    /// Reads a whole JSON text.
    static func json(_ bytes: [UInt8]) throws(LockFileError) -> LockValue {
        do throws(JSONFault) {
            var reader = JSONReader(
                bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
            let value = try read(&reader)
            try reader.finish()
            return value
        } catch {
            throw .malformed("not valid JSON: \(error)")
        }
    }

    // The recursion ends at `JSONReader.depthLimit`. Of a key that stands twice the last one counts.
    private static func read(_ reader: inout JSONReader) throws(JSONFault) -> LockValue {
        switch try reader.kind() {
        case .string: return .string(try reader.string().string(in: reader.bytes))
        case .number, .true, .false, .null:
            let range = try reader.value()
            return .plain(String(decoding: reader.bytes[range], as: UTF8.self))
        case .array:
            try reader.enterArray()
            var elements: [LockValue] = []
            while try reader.nextElement() { elements.append(try read(&reader)) }
            return .array(elements)
        case .object:
            try reader.enterObject()
            var entries: [String: LockValue] = [:]
            while let key = try reader.nextKey() {
                entries[key.string(in: reader.bytes)] = try read(&reader)
            }
            return .table(entries)
        }
    }

    /// Reads a whole YAML text.
    static func yaml(_ bytes: [UInt8]) throws(LockFileError) -> LockValue {
        let limits = YAMLLimits(bytes: LockedPackages.byteLimit, events: 4_000_000, depth: 32)
        do throws(YAMLError) {
            return try YAMLNode.read(bytes.span, limits: limits).map(LockValue.init) ?? .table([:])
        } catch {
            throw .malformed("\(error)")
        }
    }

    private init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let text, let style):
            self = style == .plain ? .plain(text) : .string(text)
        case .sequence(let nodes): self = .array(nodes.map(LockValue.init))
        case .mapping(let entries):
            var members: [String: LockValue] = [:]
            for entry in entries { members[entry.key] = LockValue(entry.value) }
            self = .table(members)
        }
    }
}
