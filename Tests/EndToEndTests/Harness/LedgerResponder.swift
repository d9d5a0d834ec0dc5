import Engine
import HTTPModel
import Support

/// Numbers the requests that the server understood, and answers each with its number.
final class LedgerResponder: Responder {
    private let seen = Watched<[String]>([])

    /// The targets of all requests, each at the place of its number.
    var targets: [String] { seen.value }

    /// Every body is wanted, so that a request counts only once it is whole.
    func bodyLimit(for request: RequestHead) -> Int? { 1 << 20 }

    func answer(_ request: RequestHead, body: RequestBody) -> Answer {
        answer(request, mayBegin: true)
    }

    func answer(_ request: RequestHead, mayBegin: Bool) -> Answer {
        let number = seen.update { targets in
            targets.append(request.target.raw)
            return targets.count - 1
        }
        // In a field for HEAD, in the body for HTTP/0.9, which some proxies still speak.
        return .reply(
            Reply(
                status: 200,
                fields: Array("Content-Type: text/plain\r\nX-Ledger: <\(number)>\r\n".utf8),
                body: .bytes(Array("<\(number)>".utf8)), record: RequestRecord()))
    }

    func resume(
        _ pending: Pending, for request: RequestHead, after reason: ResumeReason
    ) -> Answer { answer(request, mayBegin: true) }

    func word(_ refusal: Refusal, for request: RequestHead) -> Reply { refusal.plain }

    func finished(_ request: RequestHead, _ outcome: RequestOutcome) {}

    /// The numbers in what a client received, each once, in the order in which they came.
    static func numbers(in bytes: [UInt8]) -> [Int] {
        var numbers: [Int] = []
        for match in String(decoding: bytes, as: UTF8.self).matches(of: /<([0-9]+)>/) {
            guard let number = Int(match.1), !numbers.contains(number) else { continue }
            numbers.append(number)
        }
        return numbers
    }
}
