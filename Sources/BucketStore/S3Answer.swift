internal import HTTPModel

/// The XML answers of S3 (S3 API reference), as far as we need them.
enum S3Answer {
    /// The word for the reason in an error; empty when there is none that could be shown.
    static func errorCode(_ bytes: [UInt8]) -> String {
        guard let root = XMLElement(bytes), root.name == "Error", let code = root["Code"]?.text,
            code.utf8.count <= 64,
            code.utf8.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) })
        else { return "" }
        return code
    }

    static func uploadID(_ bytes: [UInt8]) -> String? {
        guard let root = XMLElement(bytes), root.name == "InitiateMultipartUploadResult" else {
            return nil
        }
        return root["UploadId"].flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// Whether a completed upload is really there: an error may come under status 200.
    static func isCompleted(_ bytes: [UInt8]) -> Bool {
        XMLElement(bytes)?.name == "CompleteMultipartUploadResult"
    }

    /// What ends an upload: its parts in order, by number and tag.
    static func completion(_ tags: [String]) -> [UInt8] {
        let parts = zip(1..., tags).map { number, tag in
            "<Part><PartNumber>\(number)</PartNumber><ETag>\(escaped(tag))</ETag></Part>"
        }
        return Array(
            "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
    }

    static func page(_ bytes: [UInt8], without prefix: String) -> ObjectPage? {
        guard let root = XMLElement(bytes), root.name == "ListBucketResult" else { return nil }
        var entries: [ObjectPage.Entry] = []
        for object in root.all("Contents") {
            guard let name = object["Key"]?.text, name.hasPrefix(prefix),
                let size = object["Size"].flatMap({ Int($0.text) }), size >= 0
            else { return nil }
            let date = object["LastModified"].flatMap { Timestamp($0.text.utf8)?.seconds }
            entries.append(
                .init(name: String(name.dropFirst(prefix.count)), byteCount: size, storedAt: date))
        }
        let isCut = root["IsTruncated"]?.text == "true"
        let mark = root["NextContinuationToken"]?.text
        guard !isCut || mark != nil else { return nil }
        return ObjectPage(entries: entries, next: isCut ? mark : nil)
    }

    struct Upload: Sendable, Hashable {
        let name: String
        let id: String
        /// The second since 1970.
        let startedAt: Int64
    }

    /// Where the next page of uploads begins.
    struct UploadMark: Sendable, Hashable {
        let name: String
        let id: String
    }

    /// Uploads under way, and where the next ones begin; those whose start is not told are left out.
    static func uploads(_ bytes: [UInt8]) -> (uploads: [Upload], next: UploadMark?)? {
        guard let root = XMLElement(bytes), root.name == "ListMultipartUploadsResult" else {
            return nil
        }
        let uploads = root.all("Upload").compactMap { upload -> Upload? in
            guard let name = upload["Key"]?.text, let id = upload["UploadId"]?.text,
                let start = upload["Initiated"].flatMap({ Timestamp($0.text.utf8)?.seconds })
            else { return nil }
            return Upload(name: name, id: id, startedAt: start)
        }
        guard root["IsTruncated"]?.text == "true" else { return (uploads, nil) }
        guard let name = root["NextKeyMarker"]?.text else { return nil }
        return (uploads, UploadMark(name: name, id: root["NextUploadIdMarker"]?.text ?? ""))
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
