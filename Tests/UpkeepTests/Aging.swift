import Foundation

/// Makes files older than they are.
enum Aging {
    static func setBack(_ folder: String, seconds: Int64) throws {
        let names = FileManager.default.enumerator(atPath: folder)
        while let name = names?.nextObject() as? String {
            try setBack(file: folder + "/" + name, seconds: seconds)
        }
    }

    static func setBack(file path: String, seconds: Int64) throws {
        let system = FileManager.default
        let attributes = try system.attributesOfItem(atPath: path)
        guard attributes[.type] as? FileAttributeType == .typeRegular,
            let date = attributes[.modificationDate] as? Date
        else { return }
        let older = date.addingTimeInterval(-TimeInterval(seconds))
        try system.setAttributes([.modificationDate: older], ofItemAtPath: path)
    }
}
