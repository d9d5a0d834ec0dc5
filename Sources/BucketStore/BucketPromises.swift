internal import Backends
internal import Linux

/// What a store was seen to do: some that speak S3's protocol leave parts of it out.
package struct BucketPromises: Sendable, Hashable, CustomStringConvertible {
    /// Whether a create-only put leaves an object that is there as it is.
    package var isCreateOnly = false
    /// Whether a list shows what was just stored.
    package var listsAtOnce = false
    /// Whether the rest of an object can be had.
    package var servesRanges = false

    package init() {}

    package var description: String {
        let kept = [
            (isCreateOnly, "create-only puts"), (listsAtOnce, "lists what was just stored"),
            (servesRanges, "ranges"),
        ]
        let missing = kept.filter { !$0.0 }.map(\.1)
        guard !missing.isEmpty else { return "all that is needed" }
        let note =
            isCreateOnly
            ? "" : "; replicas that store one file together write it twice, with the same bytes"
        return "all but \(missing.joined(separator: ", "))" + note
    }
}

extension ObjectStore {
    /// Tries with a small object of a random name, which is removed again.
    ///
    /// - Throws: When the store cannot be used at all.
    package func promises() async throws(ObjectFault) -> BucketPromises {
        let folder = "self-test/"
        let name = folder + SystemRandom.hexadecimal(byteCount: 16)
        let first = Array("first".utf8)
        var promises = BucketPromises()
        _ = try await put(name, ObjectContent(first), .createOnly)
        do throws(ObjectFault) {
            let second = ObjectContent(Array("second".utf8))
            let outcome = try await put(name, second, .createOnly)
            promises.isCreateOnly =
                try await bytes(name, from: 0) == first && outcome == .alreadyThere
            promises.listsAtOnce = try await list(name, from: nil).entries.contains {
                $0.name == name
            }
            promises.servesRanges = try await hasRanges(name)
        } catch {
            try await delete(name)
            throw error
        }
        try await delete(name)
        return promises
    }

    private func hasRanges(_ name: String) async throws(ObjectFault) -> Bool {
        let whole = try await bytes(name, from: 0)
        do throws(ObjectFault) {
            return try await bytes(name, from: 2) == Array(whole.dropFirst(2))
        } catch .malformed {
            return false
        }
    }

    private func bytes(_ name: String, from offset: Int) async throws(ObjectFault) -> [UInt8] {
        guard let body = try await get(name, from: offset) else { return [] }
        var bytes: [UInt8] = []
        do {
            while let piece = try await body.next(), bytes.count < 1 << 16 { bytes += piece }
        } catch {
            throw .unreachable(error)
        }
        return bytes
    }
}
