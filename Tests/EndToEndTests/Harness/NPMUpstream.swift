import Foundation
import HTTPModel
import Support
import Synchronization

/// A registry of real packages on a loopback port, and on another port the host of some of its files.
final class NPMUpstream: Sendable {
    /// What is wrong with all of its answers.
    enum Fault: Sendable {
        case unavailable, blackhole
    }

    /// What is wrong with one tarball.
    enum Damage: String, Sendable, CaseIterable {
        /// As long as the right one, and still a good archive.
        case wrong
        case short
        case long
    }

    private struct State {
        var fault: Fault?
        /// By path: the nth request for it gets the nth answer, further ones the last.
        var tarballs: [String: [OriginAnswer]] = [:]
    }

    let packages: NPMPackages
    let origin: OriginStub
    let files: OriginStub
    private let state = Mutex(State())

    init() throws {
        packages = try NPMPackages.load()
        let origin = try OriginStub()
        let files = try OriginStub()
        self.origin = origin
        self.files = files
        let documents = try NPMDocuments(packages, registry: origin.base, files: files.base)
        let services = try NPMServices(packages)
        for tarball in packages.tarballs { try restore(tarball) }
        origin.fallback { [weak self] request, earlier in
            self?.answer(request, earlier) ?? services.answer(request) ?? documents.answer(request)
        }
        files.fallback { [weak self] request, earlier in
            self?.answer(request, earlier) ?? NPMDocuments.notFound
        }
    }

    /// What the server under test, or a client, gets as its registry.
    var registry: String { origin.base }

    /// Every request that came, to either host.
    var requests: [OriginRequest] { origin.ledger.requests + files.ledger.requests }

    /// Each document and file that was asked for more than once, with how often.
    ///
    /// Audits are no such thing: every client sends one of its own.
    var repeated: [String: Int] {
        let asked = requests.filter { $0.method != "POST" }.map { request in
            request.path.removingPercentEncoding ?? request.path
        }
        return Dictionary(grouping: asked) { $0 }.mapValues(\.count).filter { $0.value > 1 }
    }

    var connectionCount: Int {
        origin.ledger.connectionCount + files.ledger.connectionCount
    }

    func count(_ tarball: NPMPackages.Tarball) -> Int {
        requests.count { ($0.path.removingPercentEncoding ?? "") == tarball.path }
    }

    /// A document as it answers with it.
    func text(of name: String, _ form: NPMPackages.Form) throws -> String {
        try NPMDocuments.text(of: name, form, registry: origin.base, files: files.base)
    }

    /// Refuses connections on both hosts, until ``restart()``.
    func stop() {
        origin.stop()
        files.stop()
    }

    func restart() throws {
        try origin.restart()
        try files.restart()
    }

    /// Answers all requests in one way, or as it should again.
    func fail(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    func damage(_ tarball: NPMPackages.Tarball, _ damage: Damage) throws {
        let right = try NPMPackages.bytes(of: tarball)
        script(tarball, [.bytes(damage.applied(to: right))])
    }

    /// Breaks the connection of the first request in the middle of the tarball.
    func interrupt(_ tarball: NPMPackages.Tarball) throws {
        let right = try answer(tarball)
        let cut = OriginAnswer.Cut(
            afterByteCount: try NPMPackages.bytes(of: tarball).count / 2, kind: .reset)
        script(tarball, [right.with(\.cut, cut), right])
    }

    func restore(_ tarball: NPMPackages.Tarball) throws {
        script(tarball, [try answer(tarball)])
    }

    private func script(_ tarball: NPMPackages.Tarball, _ answers: [OriginAnswer]) {
        state.withLock { $0.tarballs[tarball.path] = answers }
    }

    private func answer(_ tarball: NPMPackages.Tarball) throws -> OriginAnswer {
        .entity(
            .bytes(try NPMPackages.bytes(of: tarball)), tag: "\"\(tarball.shasum)\"",
            type: "application/octet-stream")
    }

    /// The answer to a request that a fault is in the way of, or that is for a tarball.
    private func answer(_ request: OriginRequest, _ earlier: Int) -> OriginAnswer? {
        let path = request.path.removingPercentEncoding ?? request.path
        return state.withLock { state in
            switch state.fault {
            case .unavailable: return OriginAnswer.busy(503)
            case .blackhole: return .blackhole
            case nil: break
            }
            guard request.method == "GET", let script = state.tarballs[path] else { return nil }
            return script[min(earlier, script.count - 1)]
        }
    }
}

extension NPMUpstream.Damage {
    func applied(to bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .wrong:
            // The operating system in gzip's head, which nobody reads (RFC 1952 section 2.3.1).
            var copy = bytes
            copy[9] = ~copy[9]
            return copy
        case .short: return Array(bytes.dropLast(20))
        case .long: return bytes + [0, 0, 0, 0]
        }
    }
}
