package import Digests
import Foundation

/// A service account that is nobody's: its key was made for these tests.
package enum SampleKey {
    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCUzVzOz54FhWSw
        Ge9zyuxurmdxZwN7Cj4TuWqJGBq+dCzSUAyogThyhRLZuRzFaIs/5gWOBnIeYRle
        rfqYfxPbTeYUeM/+BKZ0cBXXlyaGh1/6PKqkOECJFY2/N8tmxxRRzugKaM9rCqeY
        6kdPBFM0yZlT7qhBvsrDg8VvOShNSo8K10RXyEYKawKviunxSTMsDO/q/I6kaTHP
        b0R0NW/FkAetPlMO5zTIAmql6bs7nk31NiVoSGMYt3he0ZaFYcvTxH0GbCaBRfJk
        nxA8ceHyxQavCW5RYzpfoawQaRNAkY860uKNMvxyYjD1qBwly2lPgX9AP6oMxOg1
        P3aM89CVAgMBAAECggEASg4KakKZelXwzlOaAB61nD/f62hBKzLlwhs9Eg2VAcP/
        qot8QUBOP3BK+WBPGU/2PU7U5OIAWW4pmh0r4kkcMMCMCRQ3L0xRKxG9TRZEbh9h
        fMBEjIYSWCcJ7GhwKi5Zxn0arlOLJtKeplOyOXkFj/fk/wh/ZHj3oGYsFDZ2AECg
        tRgG5HKchOi4KOyN7wNudz4rqkxAVOQ7othLE5so7AaGTf9+GorBBnToBcgm78D+
        rscfR7Qphq6sh/pFLHOfPqW7VHsAilNoddyIV52K5FzCRKSr6jfz3z/HTaGfV18b
        heFEBMBTLOvcJWxrmkFBHoBcxKb9XewwzL+qoI7j4QKBgQDGJgRCkRHXFH/WV4oZ
        TEsWZln0iLEf/erh60fTuBP8FNzyerjUes/7XIYYmwUnN1JIt/w0NKG/yYFm7mST
        RgyXTPRflZc3XF6jsi1UG6tGHkSfHI1HfKar96xp900tyrOUvgoAVq8o5QPSe3h8
        N3JrjMAOD+PNjRGq58vJG10NOwKBgQDAPxzBYUr9cBHABBO5YjwbbsJ39Uon4Cmq
        UWFJldeC1E55EBD8BPuRcZe1m8A/cAwceUWi+Ro6HJmRKsy6m6E3Za7R8sKPSGmT
        0f01WGzsUEQSqts2ma6xw4q2eHtMzpp0g7eJ0YMy9Cpel8GbO2rMKFccYZ7YAIkd
        1jUkbm/8bwKBgQCEg+YzcnuA4LfB7BdyZcCNwXOFg2kZoSHVZxlJMYFEA9vj2kkD
        6QJw82bGy929ZVUFRu5HJ6/I6IU/Bk2C5MUE5rVDu3I+1uqABWglKL/5i8KOunSN
        i4KX3XKUB4y5BCfnYNSld1N7QPW2bVadlCNUY/QJM31A+YgISS7TVxZ7AwKBgQCD
        CcHQ8j9KNpxytJS5NQNhc4Ksf46XVY0w4Z2dqbwnGg2PKWtaTQ8omTPefxZwZzBq
        LCNSLdc5qwrlzzWTMMeX2gBqbL0/Kw2Dy4t7VBWSkjeEPd+D/Qb9dhrTu5XXya+w
        IaP2FdAG6DUFGw3FgJ+QHyMZXlUGSH8tzjeU6I3+kwKBgFqpm9M+/Ds800H+EPi+
        yKEgdN8cGMzy5dVDeUjplJHjjVbhZ6prukhqXZePZlwJWQF8VVfikEpAtMl+n3Kw
        Mwz5EPT6H2vRolxJ0UDN+yB1aV/oiIf2mlsUjaxmaUr0iMz/CAdn5tVv1uAf7zrq
        AS37kz700nPMG4wRd6XwTWWT
        -----END PRIVATE KEY-----

        """

    package struct NoKey: Error {}

    package static func key() throws -> RSAKey {
        let lines = pem.split(separator: "\n").dropFirst().dropLast()
        guard let der = Data(base64Encoded: lines.joined()), let key = RSAKey(der: Array(der))
        else {
            throw NoKey()
        }
        return key
    }

    /// The account's file.
    package static func file(tokenURL: String) throws -> [UInt8] {
        let account = [
            "type": "service_account", "client_email": "larder@example.iam", "private_key": pem,
            "private_key_id": "key-1", "token_uri": tokenURL,
        ]
        return Array(try JSONSerialization.data(withJSONObject: account))
    }

    /// The bytes of base64url without padding (RFC 4648 section 5).
    package static func decoded(_ text: Substring) -> [UInt8]? {
        var plain = text.replacing("-", with: "+").replacing("_", with: "/")
        while plain.utf8.count % 4 != 0 { plain += "=" }
        return Data(base64Encoded: String(plain)).map { Array($0) }
    }

    /// A part of a token as a JSON object.
    package static func object(_ part: Substring) -> [String: Any]? {
        decoded(part).flatMap {
            (try? JSONSerialization.jsonObject(with: Data($0))) as? [String: Any]
        }
    }
}
