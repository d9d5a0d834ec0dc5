import Ecosystems

/// A file that somebody got, as a line of ``AuditLog`` tells it.
struct AuditedFile {
    /// In RFC 3339, in UTC with milliseconds, so that its order is the text's.
    let time: String
    /// The address.
    let client: String
    /// The name of the token; empty for none.
    let token: String
    let ecosystem: String
    /// The upstream's label.
    let upstream: String
    let resource: String
    /// In hex; empty where it is not known, as of a file that came while it was fetched.
    let sha256: String

    /// The longest line that is read, in bytes.
    static let lineLimit = 65_536

    enum Reading {
        case file(AuditedFile)
        /// A refusal, an answer that broke off, or another event.
        case other
        case damaged
    }

    static func read(_ line: [UInt8]) -> Reading {
        do throws(JSONFault) {
            let texts = try texts(line)
            guard let event = texts["event"], let time = texts["time"] else { return .damaged }
            // In a dry run the policy's lines are of what was served as well, and of failures; a HEAD
            // has no bytes, and a range is no file.
            guard event == "served" || event == "policy", texts["verdict"] != "refused",
                texts["complete"] == "true", texts["status"] == "200",
                texts["bytes"] != "0"
            else { return .other }
            return .file(
                AuditedFile(
                    time: time, client: texts["client"] ?? "", token: texts["token"] ?? "",
                    ecosystem: texts["ecosystem"] ?? "", upstream: texts["upstream"] ?? "",
                    resource: texts["resource"] ?? "", sha256: texts["sha256"] ?? ""))
        } catch {
            return .damaged
        }
    }

    /// The line's members that are strings, and its numbers as they stand there.
    private static func texts(_ line: [UInt8]) throws(JSONFault) -> [String: String] {
        var reader = JSONReader(line)
        var texts: [String: String] = [:]
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let name = key.string(in: line)
            if try reader.kind() == .string {
                texts[name] = try reader.string().string(in: line)
            } else {
                texts[name] = String(decoding: line[try reader.value()], as: UTF8.self)
            }
        }
        try reader.finish()
        return texts
    }
}
