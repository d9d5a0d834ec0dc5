internal import Ecosystems
internal import YAML

/// An index written as YAML.
struct YAMLIndexEvents: ~Copyable, IndexEvents {
    private var events: YAMLEvents

    init(_ bytes: [UInt8], _ limits: IndexLimits) throws(DocumentFault) {
        let yaml = YAMLLimits(
            bytes: limits.yamlBytes, events: limits.events, depth: limits.depth,
            stretch: limits.stretch)
        do throws(YAMLError) {
            events = try YAMLEvents(bytes, limits: yaml)
        } catch {
            throw DocumentFault(error)
        }
    }

    mutating func next() throws(DocumentFault) -> IndexEvent? {
        do throws(YAMLError) {
            switch try events.next() {
            case .scalar(.plain): return .plain
            case .scalar(.quoted): return .quoted
            case .sequenceStart: return .sequenceStart
            case .sequenceEnd: return .sequenceEnd
            case .mappingStart: return .mappingStart
            case .mappingEnd: return .mappingEnd
            case nil: return nil
            }
        } catch {
            throw DocumentFault(error)
        }
    }

    func appendScalar(to bytes: inout [UInt8]) {
        events.appendScalar(to: &bytes)
    }
}

extension DocumentFault {
    fileprivate init(_ error: YAMLError) {
        self.init("the index is no YAML that is read here: \(error)")
    }
}
