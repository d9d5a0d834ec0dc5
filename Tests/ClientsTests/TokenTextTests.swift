import Clients
import Digests
import Testing

@Suite struct TokenTextTests {
    @Test("a new token is read back with the same id and digest, and no two are alike")
    func roundTrip() throws {
        let (text, token) = TokenText.make()
        let read = try #require(TokenText(text))
        #expect(read.id == token.id)
        #expect(read.digest == token.digest)
        #expect(!text.contains(token.digest.hex))
        #expect(text.utf8.count == 88)
        #expect(TokenText.make().text != text)
    }

    private static let id = "0123456789abcdef"
    private static let secret = String(repeating: "0f", count: 32)

    @Test(
        "what is no token by its form",
        arguments: [
            "", "larder_", "larder_\(id)_", "larder_\(id)", "\(id)_\(secret)",
            "larder_\(id)_\(secret)0", "larder_\(id)_\(secret.dropLast())",
            "larder_\(id.dropLast())_\(secret)0", "larder_\(id)-\(secret)",
            "larder_\(id)_\(secret.dropLast())g", "larder_\(id)_\(secret.dropLast())F",
            "LARDER_\(id)_\(secret)", "larder_\(id)_\(secret.dropLast())_",
            "larder_\(id)_\(secret.dropLast(2))é",
        ])
    func malformed(_ text: String) {
        #expect(TokenText(text) == nil)
    }
}
