internal import Ecosystems

/// Looks for the sign of an artifact's form while the body arrives, and holds back what comes before it.
struct SignCheck: Sendable {
    /// How far a passage may be from the beginning, in bytes.
    static let reach = 64 << 10

    private let form: ArtifactForm
    private(set) var isSettled: Bool
    private var held: [UInt8] = []

    init(_ form: ArtifactForm) {
        self.form = form
        isSettled = form.sign == .none
    }

    /// Takes the next piece; returns what may be passed on, nothing until the sign was seen.
    ///
    /// - Throws: ``FillFailure/wrongBody(_:)`` as soon as no sign can follow.
    mutating func take(_ piece: [UInt8]) throws(FillFailure) -> [UInt8] {
        if isSettled { return piece }
        held += piece
        switch form.sign {
        case .none: isSettled = true
        case .beginning(let bytes):
            guard held.starts(with: bytes.prefix(held.count)) else { throw .wrongBody(form.fault) }
            isSettled = held.count >= bytes.count
        case .passage(let bytes):
            let end = min(held.count, Self.reach)
            isSettled = Self.holds(bytes, held.span.extracting(..<end))
            guard isSettled || held.count < Self.reach else { throw .wrongBody(form.fault) }
        }
        guard isSettled else { return [] }
        defer { held = [] }
        return held
    }

    /// Says that the body has come to its end.
    func finish() throws(FillFailure) {
        guard isSettled else { throw .wrongBody(form.fault) }
    }

    private static func holds(_ passage: [UInt8], _ bytes: Span<UInt8>) -> Bool {
        guard let first = passage.first else { return true }
        var start = 0
        while let found = ByteSearch.first(first, in: bytes, from: start) {
            guard found + passage.count <= bytes.count else { return false }
            if passage.indices.allSatisfy({ bytes[found + $0] == passage[$0] }) { return true }
            start = found + 1
        }
        return false
    }
}
