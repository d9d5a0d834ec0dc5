import HTTPServer
import Linux
import Support
import Testing

extension EndToEnd {
    /// Malformed requests through real proxies, which read them in their own way.
    @Suite(.serialized)
    struct Fronts {
        private static func get(_ path: String) -> [UInt8] {
            Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        }

        /// What went wrong with one row; nil when both ends count the same.
        private static func fault(
            _ row: RequestCorpus.Row, _ number: Int, _ port: Int, _ ledger: LedgerResponder
        ) throws -> String? {
            let before = ledger.targets.count
            var sent = row.bytes
            // Behind a fault: a request of its own, the rest of a body, or what nobody reads. What
            // counts is that both ends agree.
            sent += Array("GET /behind-\(number) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            sent += get("/last-\(number)")
            let answers = try RawConnection.answers(to: sent, from: port, patience: 3_000)
            // The next client takes what an earlier one may have left on a kept connection.
            let probe = try RawConnection.answers(
                to: get("/probe-\(number)"), from: port, patience: 5_000)
            let targets = ledger.targets
            let probed = LedgerResponder.numbers(in: probe)
            guard probed == [targets.count - 1], targets.last == "/probe-\(number)" else {
                let text = String(decoding: probe.prefix(200), as: UTF8.self)
                return "the next client got \(probed.map { targets[$0] }): \(text)"
            }
            var seen = LedgerResponder.numbers(in: answers)
            // A proxy that finds a fault in a body after it began to pass it on answers by itself;
            // that answer is the one for the request of which the server has the beginning.
            if seen.isEmpty, targets.count == before + 2, targets[before] == "/x",
                ownAnswerCount(answers) == 1
            {
                seen = [before]
            }
            guard seen == Array(before..<targets.count - 1) else {
                let text = String(decoding: answers.prefix(200), as: UTF8.self)
                return "the client saw \(seen.map { targets[$0] }), larder \(targets[before...]): "
                    + text.debugDescription
            }
            return nil
        }

        /// Final answers that do not come from the server.
        private static func ownAnswerCount(_ bytes: [UInt8]) -> Int {
            let text = String(decoding: bytes, as: UTF8.self)
            return RawConnection.statuses(in: bytes).filter { $0 >= 200 }.count
                - text.matches(of: /X-Ledger:/).count
        }

        @Test(
            "H-1: behind a proxy, the client and larder count the same requests",
            .timeLimit(.minutes(3)),
            .enabled(
                if: Front.areInstalled || Machine.mustRunAll,
                "nginx, haproxy or varnish is missing: run scripts/setup --tests"),
            arguments: Front.Kind.allCases)
        func counts(_ kind: Front.Kind) async throws {
            let ledger = LedgerResponder()
            let server = try HTTPServer(
                SocketAddress(bytes: [127, 0, 0, 1], port: 0), loopCount: 1, responder: ledger)
            try server.start()
            let front = try Front(kind, before: Int(server.port))
            let port = front.port
            do {
                try await eventually("\(kind) answers", pause: 20) {
                    try #require(front.isRunning, "\(front.words)")
                    return try? await Exchange.get("/ready", from: port).isGood ? true : nil
                }
                let (faults, reached) = try await onThread {
                    var faults: [String] = []
                    for (number, row) in RequestCorpus.rows.enumerated() {
                        guard let fault = try Self.fault(row, number, port, ledger) else {
                            continue
                        }
                        faults.append("\(row): \(fault)")
                    }
                    return (faults, ledger.targets.count)
                }
                print("\(kind): \(RequestCorpus.rows.count) rows, \(reached) requests at larder")
                #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
                // Kept alive, or nothing that is left on a connection could be found.
                #expect(server.connectionCount > 0)
                #expect(front.isRunning)
            } catch {
                await server.stop(within: .zero)
                throw error
            }
            try await front.stop()
            await server.stop(within: .zero)
        }
    }
}
