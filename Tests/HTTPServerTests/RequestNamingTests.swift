import HTTPServer
import Testing

@Suite struct RequestNamingTests {
    @Test("no two requests of a process have one id, however many there were")
    func ids() {
        let naming = RequestNaming(trustedProxies: [])
        let numbers: [UInt32] = [0, 1, 2, (1 << 24) - 1, 1 << 24, (1 << 24) + 1, 1 << 25, .max]
        let ids = (0..<256).flatMap { loop in
            numbers.map { naming.id(loop: loop, number: $0) }
        }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.utf8.count == 15 })
    }
}
