import Ecosystems
import Foundation
import Support
import Testing

/// Random texts, each judged by Foundation's reader.
@Suite struct JSONFuzzTests {
    /// SplitMix64: small, seeded, the same everywhere.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    @Test("M-2: valid and broken texts get Foundation's verdict and values", arguments: 1...8)
    func verdicts(_ seed: UInt64) throws {
        var random = Generator(state: seed &+ FuzzCount.firstSeed)
        let count = FuzzCount.of(1_500)
        var accepted = 0
        for _ in 0..<count {
            var text = Array(value(depth: 0, &random).utf8)
            if Bool.random(using: &random) { mutate(&text, &random) }
            let ours = isValid(text)
            let theirs = try? JSONSerialization.jsonObject(
                with: Data(text), options: .fragmentsAllowed)
            guard ours != (theirs != nil) else {
                accepted += ours ? 1 : 0
                continue
            }
            #expect(
                isKnownDifference(text) || !ours && hasCommaAtAnEnd(text),
                "ours \(ours): \(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > count / 3)
    }

    @Test("strings are written so that Foundation reads them back", arguments: 1...4)
    func writing(_ seed: UInt64) throws {
        var random = Generator(state: seed &+ FuzzCount.firstSeed)
        for _ in 0..<FuzzCount.of(500) {
            let scalars = (0..<Int.random(in: 0...30, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("first")
            writer.beginArray()
            writer.string(String(text))
            writer.integer(-7)
            writer.bool(false)
            writer.endArray()
            writer.key("second")
            writer.beginObject()
            writer.endObject()
            writer.endObject()
            let read = try JSONSerialization.jsonObject(with: Data(writer.bytes))
            let object = try #require(read as? [String: Any])
            let array = try #require(object["first"] as? [Any])
            #expect((array[0] as? String).map { Array($0.utf8) } == Array(String(text).utf8))
            #expect(array.count == 3 && array[1] as? Int == -7 && array[2] as? Bool == false)
            #expect((object["second"] as? [String: Any])?.isEmpty == true)
            var reader = JSONReader(writer.bytes)
            try reader.enterObject()
            _ = try reader.nextKey()
            try reader.enterArray()
            #expect(try reader.nextElement())
            #expect(try reader.string().string(in: writer.bytes) == String(text))
        }
    }

    private func isValid(_ text: [UInt8]) -> Bool {
        var reader = JSONReader(text)
        do {
            _ = try reader.value()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    /// Where Foundation does not follow RFC 8259 to the letter, or reads more than UTF-8.
    private func isKnownDifference(_ text: [UInt8]) -> Bool {
        // UTF-16 and UTF-32, and a byte order mark.
        if text.prefix(4).contains(0) || text.first == 0xEF || (text.first ?? 0) >= 0xFE {
            return true
        }
        // Lone surrogates are legal by the grammar; numbers past a Double's range are as well.
        let string = String(decoding: text, as: UTF8.self)
        return string.range(of: "\\\\u[dD][89a-fA-F]", options: .regularExpression) != nil
            || string.range(of: "[eE][+-]?[0-9]{3}", options: .regularExpression) != nil
    }

    /// Whether a comma stands before a closing bracket, which RFC 8259 does not have and Foundation
    /// takes.
    private func hasCommaAtAnEnd(_ text: [UInt8]) -> Bool {
        let strings = #""(?:[^"\\]|\\.)*""#
        return String(decoding: text, as: UTF8.self)
            .replacingOccurrences(of: strings, with: "0", options: .regularExpression)
            .range(of: #",\s*[\]}]"#, options: .regularExpression) != nil
    }

    private func value(depth: Int, _ random: inout Generator) -> String {
        let space = ["", "", "", " ", "\n\t"].randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<(depth > 5 ? 5 : 8), using: &random) {
        case 0: return space + "null"
        case 1: return space + (Bool.random(using: &random) ? "true" : "false")
        case 2, 3: return space + number(&random) + space
        case 4: return space + string(&random)
        case 5, 6:
            let count = Int.random(in: 0...4, using: &random)
            let members = (0..<count).map {
                "\(string(&random).dropLast())\($0)\"\(space):\(value(depth: depth + 1, &random))"
            }
            return "{\(members.joined(separator: ","))\(space)}"
        default:
            let count = Int.random(in: 0...5, using: &random)
            let members = (0..<count).map { _ in value(depth: depth + 1, &random) }
            return "[\(members.joined(separator: ","))\(space)]"
        }
    }

    private func number(_ random: inout Generator) -> String {
        var text = String(Int.random(in: -1_000...100_000, using: &random))
        if Bool.random(using: &random) { text += ".\(Int.random(in: 0...999, using: &random))" }
        if Bool.random(using: &random) {
            text += ["e", "E+", "e-"].randomElement(using: &random) ?? "e"
            text += String(Int.random(in: 0...30, using: &random))
        }
        return text
    }

    private func string(_ random: inout Generator) -> String {
        let pieces = [
            "a", "Zz", " ", "é", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9",
            "\\ud83d\\ude00", "plain text of some length", "0123456", "\u{7F}", "{", "]", ",",
        ]
        let count = Int.random(in: 0...8, using: &random)
        return "\"" + (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            + "\""
    }

    private func mutate(_ text: inout [UInt8], _ random: inout Generator) {
        for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
            let index = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: text.remove(at: index)
            case 1: text.insert(text[index], at: index)
            case 2: text[index] = UInt8.random(in: 0...255, using: &random)
            case 3: text.removeLast(text.count - index)
            default:
                text[index] = Array("{}[]\",:\\0-.eu\n".utf8).randomElement(using: &random) ?? 0
            }
        }
    }
}
