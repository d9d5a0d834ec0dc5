/// A piece of HTML that is safe to send: the one type that pages are made of.
///
/// Only literals in our own source and other pieces get into it as they are; every other text is
/// escaped on its way in, and there is no other way.
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    private(set) var text: String

    package init(stringLiteral value: StaticString) {
        text = value.description
    }

    package init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            text += literal.description
        }

        package mutating func appendInterpolation(_ value: String) {
            HTML.escape(value, into: &text)
        }

        package mutating func appendInterpolation(_ value: Substring) {
            HTML.escape(String(value), into: &text)
        }

        package mutating func appendInterpolation(_ number: some BinaryInteger) {
            text += "\(number)"
        }

        package mutating func appendInterpolation(_ piece: HTML) {
            text += piece.text
        }

        package mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }

        /// Nothing where there is no piece.
        package mutating func appendInterpolation(_ piece: HTML?) {
            if let piece { text += piece.text }
        }
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    package static func += (left: inout HTML, right: HTML) {
        left.text += right.text
    }

    /// Escapes for text and for values of attributes in either kind of quotes (HTML, section 13.1).
    ///
    /// Controls and what turns the direction of writing around could make a name look like another
    /// one: they are shown as U+FFFD.
    private static func escape(_ value: String, into text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x26: text += "&amp;"
            case 0x3C: text += "&lt;"
            case 0x3E: text += "&gt;"
            case 0x22: text += "&quot;"
            case 0x27: text += "&#39;"
            case 0x0A: text += "\n"
            case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069,
                0xFEFF:
                text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
