internal import HTTPModel

/// The JSON answers of Google Cloud Storage, as far as we need them.
enum GCSAnswer {
    /// An object; sizes are texts there.
    struct Entry: Decodable {
        let name: String
        let size: String
        let updated: String?

        var byteCount: Int? { Int(size).flatMap { $0 >= 0 ? $0 : nil } }
        var storedAt: Int64? { updated.flatMap { Timestamp($0.utf8)?.seconds } }
    }

    private struct List: Decodable {
        let items: [Entry]?
        let nextPageToken: String?
    }

    static func page(_ bytes: [UInt8], without prefix: String) -> ObjectPage? {
        guard let list = CredentialAnswers.decoded(List.self, bytes) else { return nil }
        var entries: [ObjectPage.Entry] = []
        for item in list.items ?? [] {
            guard item.name.hasPrefix(prefix), let count = item.byteCount else { return nil }
            entries.append(
                .init(
                    name: String(item.name.dropFirst(prefix.count)), byteCount: count,
                    storedAt: item.storedAt))
        }
        return ObjectPage(entries: entries, next: list.nextPageToken)
    }
}
