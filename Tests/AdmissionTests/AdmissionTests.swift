import Admission
import Digests
import Policy
import Resources
import Testing

@Suite struct AdmissionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let resource: Resource
        let body: BlobDigest?
        let pin: BlobDigest?
        var policy = PolicyVerdict.allowed
        let isAdmitted: Bool
    }

    private static let one = BlobDigest.of([1])
    private static let two = BlobDigest.of([2])

    static let rows: [Row] = [
        .init(
            testDescription: "no pin", resource: .artifact("a"), body: one, pin: nil,
            isAdmitted: true),
        .init(
            testDescription: "the pinned bytes", resource: .artifact("a"), body: one, pin: one,
            isAdmitted: true),
        .init(
            testDescription: "other bytes than those first seen", resource: .artifact("a"),
            body: two, pin: one, isAdmitted: false),
        .init(
            testDescription: "still streaming: the fill asks again", resource: .artifact("a"),
            body: nil, pin: one, isAdmitted: true),
        .init(
            testDescription: "a document changes, so it has no pin", resource: .document("d"),
            body: two, pin: one, isAdmitted: true),
        .init(
            testDescription: "what the policy refuses", resource: .artifact("a"), body: one,
            pin: one, policy: .refused(PolicyRefusal(.blocked, "no")), isAdmitted: false),
        .init(
            testDescription: "a document that the policy refuses", resource: .document("d"),
            body: one, pin: nil, policy: .refused(.unasked), isAdmitted: false),
    ]

    @Test("one function decides, rules G1 and I3", arguments: rows)
    func admit(_ row: Row) {
        switch Admission().admit(
            .unrestricted, row.resource, of: PrincipalTests.main, policy: row.policy,
            body: row.body, pin: row.pin)
        {
        case .success: #expect(row.isAdmitted)
        case .failure(let refusal):
            #expect(!row.isAdmitted)
            #expect(refusal.reason == (row.policy == .allowed ? .pinConflict : .policy))
        }
    }
}
