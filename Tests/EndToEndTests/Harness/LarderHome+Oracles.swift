import Foundation
import HTTPModel
import Support
import Testing

/// What has to hold after every fault, by its names in the catalogue (docs/catalogue.md).
extension LarderHome {
    /// Asks a healthy server for `files`, and looks at all that is stored.
    func expectSound(
        _ files: [Upstream.File], from larder: Larder, _ name: String
    ) async throws {
        try await expectAll(files, from: larder, name)
        try await settleStaging(name)
        #expect(try damage().wrong == [], "O2, \(name)")
        #expect(try await rowsWithoutBlob() == [], "O3, \(name)")
        let broken = larder.log.split(separator: "\n").filter { line in
            (try? JSONSerialization.jsonObject(with: Foundation.Data(line.utf8))) == nil
        }
        #expect(broken == [], "O7, \(name)")
    }

    /// Each of `files` arrives whole and right, eight at a time.
    func expectAll(
        _ files: [Upstream.File], from larder: Larder, _ name: String
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for start in 0..<8 {
                group.addTask {
                    for index in stride(from: start, to: files.count, by: 8) {
                        let got = try await larder.get(files[index].target)
                        #expect(
                            got.isGood,
                            "O1, \(name), \(files[index].name): \(got.testDescription)")
                        #expect(
                            sha256(got.body) == files[index].sha256,
                            "O1, \(name), \(files[index].name)")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until each of `files` is stored with its row: its last byte is sent a moment before.
    func settle(_ files: [Upstream.File], from larder: Larder) async throws {
        for file in files {
            try await eventually("\(file.name) is stored") {
                let status = try await larder.get(file.target).headers["cache-status"]
                return status?.contains("hit") == true ? true : nil
            }
        }
    }

    /// O4: waits until nothing is staged: a file's last byte is sent a moment before it is stored,
    /// or thrown away.
    func settleStaging(_ name: String) async throws {
        try await eventually("\(name): O4, nothing staged", within: 5) {
            staged.isEmpty ? true : nil
        }
    }

    /// The keys of stored files whose blob is not there.
    func rowsWithoutBlob() async throws -> [String] {
        let program = """
            import os, sqlite3, sys
            rows = sqlite3.connect(sys.argv[1]).execute("SELECT key, hex(body) FROM responses WHERE kind='artifact'")
            for key, body in rows:
                name = body.lower()
                if not os.path.exists(f"{sys.argv[2]}/blobs/{name[:2]}/{name[2:4]}/{name}"):
                    print(key)
            """
        let outcome = try await ChildProcess.run(
            ["python3", "-c", program, store + "/larder.sqlite", store])
        try #require(outcome.isGood, "\(outcome.output)")
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// The path of a stored blob.
    func place(of hash: String) -> String {
        "\(store)/blobs/\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))/\(hash)"
    }
}

extension Larder {
    /// O6: descriptors that are open, but for those of stored files and of what is kept in memory while
    /// the disk takes nothing, which stay open on purpose.
    var descriptorCount: Int {
        let folder = "/proc/\(process.pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(name)")
            return target.map { !$0.contains("/blobs/") && !$0.contains("memfd:") } ?? false
        }.count
    }
}
