import HTTPModel
import Testing

@Suite struct ClientAddressTests {
    @Test(
        "addresses as text",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("fe80::", "fe80::"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ])
    func text(_ written: String, _ shown: String) throws {
        #expect(try #require(IPAddress(written)).description == shown)
    }

    @Test(
        "whom proxies name, the nearest last",
        arguments: [
            ("203.0.113.7, 192.0.2.9", nil, "203.0.113.7 192.0.2.9"),
            ("192.0.2.9:4711", nil, "192.0.2.9"), ("[2001:db8::1]:80", nil, "2001:db8::1"),
            ("junk, 192.0.2.9", nil, "192.0.2.9"), ("192.0.2.9, junk", nil, ""),
            ("", nil, ""),
            (nil, "for=192.0.2.1;proto=http, for=\"[2001:db8::2]:1\"", "2001:db8::2"),
            (nil, "for=_hidden", ""), (nil, "proto=https", ""),
        ] as [(String?, String?, String)])
    func clients(_ list: String?, _ forwarded: String?, _ expected: String) {
        var fields = ForwardingFields()
        fields.client = list
        fields.forwarded = forwarded
        #expect(fields.clients.map(\.description).joined(separator: " ") == expected)
    }
}
