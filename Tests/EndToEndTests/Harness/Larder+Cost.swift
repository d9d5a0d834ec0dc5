import Foundation

extension Larder {
    /// Seconds on a core that all its threads had so far; the kernel counts hundredths.
    var processorSeconds: Double {
        let line = (try? TemporaryFolder.bytes(of: "/proc/\(process.pid)/stat")) ?? []
        // Behind the name, which may hold anything, the state comes first (proc(5)).
        let text = String(decoding: line, as: UTF8.self)
        let words = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard words.count > 13, let user = Double(words[12]), let system = Double(words[13]) else {
            return .infinity
        }
        return (user + system) / 100
    }

    /// What something costs this server.
    struct Cost: Sendable, CustomStringConvertible {
        let processorSeconds: Double
        /// The most anonymous memory at any look, one every two milliseconds.
        let peakByteCount: Int

        var description: String {
            "\((processorSeconds * 100).rounded() / 100) s of processor time, "
                + "at most \(peakByteCount >> 20) MiB"
        }
    }

    /// Does `work` and measures meanwhile.
    func measured<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, cost: Cost) {
        let before = processorSeconds
        let watch = Task {
            var most = 0
            while !Task.isCancelled {
                most = max(most, anonymousByteCount)
                try? await Task.sleep(for: .milliseconds(2))
            }
            return most
        }
        defer { watch.cancel() }
        let value = try await work()
        watch.cancel()
        let cost = Cost(
            processorSeconds: processorSeconds - before, peakByteCount: await watch.value)
        return (value, cost)
    }
}

extension Larder {
    /// How many threads it has.
    var threadCount: Int {
        let status = try? TemporaryFolder.bytes(of: "/proc/\(process.pid)/status")
        let lines = String(decoding: status ?? [], as: UTF8.self).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("Threads:") }?.split { $0 == " " || $0 == "\t" }
        return words?.last.flatMap { Int($0) } ?? 0
    }
}
