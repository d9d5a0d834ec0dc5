import Backends
import HTTPModel
import Synchronization

/// The way of one life to the upstreams.
struct RegistryClient: UpstreamClient {
    let registry: Registry
    let life: Life

    /// One answer, before it is cut into pieces.
    struct Plan: Sendable {
        var status = 200
        var headers = Headers()
        var bytes: [UInt8] = []
        var declared: Int?
        /// Thrown behind the bytes.
        var ending: UpstreamError?
        /// Whether the ending takes as long as a client of the network would wait.
        var stalls = false
        /// Whether these are the right bytes of a file, whole.
        var isRight = false
    }

    func fetch(_ request: UpstreamRequest) async throws(UpstreamError) -> UpstreamResponse {
        guard !life.isDead else { throw .cancelled }
        let path = request.url.description.split(separator: "/").map(String.init)
        guard path.count >= 4, let label = path[1].split(separator: ".").first else {
            throw .malformed
        }
        let isFile = path[2] == "file"
        let name = "\(label)/\(path[3...].joined(separator: "/"))"
        let mode = registry.nextMode(String(label))
        let scene = registry.scene
        scene.note("upstream is asked for \(name), and is \(mode.rawValue)")
        let begun = registry.time.uptimeNanoseconds
        scene.promises.withLock {
            $0.asks(name, isFile: isFile, isRest: request.rest != nil, at: begun)
        }
        let transfer = OpenTransfer(name, registry, life)
        await Task.yield()
        try await refuse(mode)
        var plan =
            isFile ? filePlan(name, request, mode) : documentPlan(name, request, mode)
        if !isFile, plan.status == 404 {
            scene.promises.withLock { $0.saysAbsent(name) }
        }
        let hasLength = registry.state.withLock { $0.random.chance(80) }
        plan.isRight = plan.isRight && request.rest == nil
        return UpstreamResponse(
            status: plan.status, headers: plan.headers, url: request.url,
            byteCount: hasLength ? plan.declared ?? plan.bytes.count : nil,
            body: RegistryBody(plan, registry, transfer))
    }

    /// Throws where there is no answer at all.
    private func refuse(_ mode: Registry.Mode) async throws(UpstreamError) {
        switch mode {
        case .refused: throw .unreachable(code: 7)
        case .blackhole:
            // As long as the client of the network waits for a head.
            await registry.time.wait(
                until: registry.time.uptimeNanoseconds + 10 * ManualTime.second)
            throw Task.isCancelled ? .cancelled : .timedOut(.head)
        default: break
        }
    }

    private func documentPlan(
        _ name: String, _ request: UpstreamRequest, _ mode: Registry.Mode
    ) -> Plan {
        let (version, hasTags) = registry.state.withLock { state in
            let versions = state.versions[name] ?? []
            let count =
                mode == .older ? state.random.below(max(versions.count, 1)) + 1 : versions.count
            return (versions.prefix(count).last, state.hasTags)
        }
        guard let version else { return Plan(status: 404) }
        var plan = Plan(bytes: version.bytes)
        if hasTags {
            plan.headers.append("etag", version.tag)
            if request.ifNoneMatch == version.tag {
                plan = Plan(status: 304, headers: plan.headers)
            }
        }
        spoil(&plan, mode)
        if [.good, .older].contains(mode) {
            registry.scene.promises.withLock {
                $0.saysPresent(name, isTakedown: version.isTakedown)
            }
        }
        return plan
    }

    private func filePlan(
        _ name: String, _ request: UpstreamRequest, _ mode: Registry.Mode
    ) -> Plan {
        let bodies = registry.state.withLock { $0.bodies[name] ?? [] }
        guard let body = mode == .older ? bodies.first : bodies.last else {
            return Plan(status: 404)
        }
        var plan = Plan(bytes: body)
        plan.isRight = bodies.count == 1
        plan.headers.append("etag", "\"f\(bodies.count)\"")
        if let rest = request.rest, rest.entityTag == "\"f\(bodies.count)\"",
            rest.offset < body.count
        {
            plan.status = 206
            plan.bytes = Array(body[rest.offset...])
            plan.headers.append(
                "content-range", "bytes \(rest.offset)-\(body.count - 1)/\(body.count)")
        }
        spoil(&plan, mode)
        return plan
    }

    /// Does to a good answer what the mode says.
    private func spoil(_ plan: inout Plan, _ mode: Registry.Mode) {
        switch mode {
        case .good, .older, .mixed, .blackhole, .refused: return
        case .absent: plan = Plan(status: 404)
        case .failing: plan = Plan(status: registry.state.withLock { $0.random.pick([500, 502]) })
        case .busy:
            plan = Plan(status: 429)
            let seconds = registry.state.withLock { $0.random.pick([0, 2, 600]) }
            if seconds > 0 { plan.headers.append("retry-after", "\(seconds)") }
        case .cut, .stalled:
            plan.declared = plan.bytes.count
            plan.bytes = Array(plan.bytes.prefix(plan.bytes.count / 2))
            plan.ending = mode == .cut ? .truncated : .timedOut(.body)
            plan.stalls = mode == .stalled
        case .wrong:
            let place = registry.state.withLock { $0.random.below(max(plan.bytes.count, 1)) }
            // Of a document nobody can tell, but for its first line.
            if plan.bytes.starts(with: "ok ".utf8) {
                plan.bytes[0] = UInt8(ascii: "x")
            } else if !plan.bytes.isEmpty {
                plan.bytes[place] ^= 1
            }
        case .long:
            plan.declared = plan.bytes.count + 1
            plan.bytes = (plan.bytes.starts(with: "ok ".utf8) ? Array("x".utf8) : []) + plan.bytes
            if plan.bytes.count != plan.declared { plan.bytes.append(7) }
        case .garbage:
            let tag = plan.headers["etag"]
            plan = Plan(bytes: Array("<html>log in</html>".utf8))
            if let tag { plan.headers.append("etag", "\(tag.dropLast())-login\"") }
        case .unasked:
            plan = Plan(status: 304)
        }
        plan.isRight = false
    }
}
