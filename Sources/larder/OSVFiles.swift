import FoundationEssentials
import Policy

/// Records of malware in files and folders.
enum OSVFiles {
    /// Reads all; one that is damaged refuses them all.
    static func read(_ paths: [String]) throws -> [OSVRecord] {
        var records: [OSVRecord] = []
        for path in paths {
            let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type]
            guard let kind = kind as? FileAttributeType else {
                throw CommandFailure("\(path): there is no such file or folder", status: .misuse)
            }
            guard kind == .typeDirectory else {
                guard let record = try record(path) else {
                    throw CommandFailure("\(path): its id is none of malware", status: .misuse)
                }
                records.append(record)
                continue
            }
            for name in try FileManager.default.subpathsOfDirectory(atPath: path)
            where name.hasSuffix(".json") {
                if let record = try record("\(path)/\(name)") { records.append(record) }
            }
        }
        return records
    }

    /// Nil for a record of another kind.
    private static func record(_ path: String) throws -> OSVRecord? {
        guard let bytes = Larder.contents(of: path),
            bytes.count <= OSVRecord.byteLimit
        else { throw CommandFailure("\(path): it cannot be read, or is too long", status: .misuse) }
        do throws(PolicyError) {
            let record = try OSVRecord(bytes, schemes: PolicyWiring.schemes)
            return record.isMalware ? record : nil
        } catch {
            throw CommandFailure("\(path): \(error)", status: .misuse)
        }
    }
}
