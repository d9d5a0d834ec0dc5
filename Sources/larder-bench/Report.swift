import Foundation

/// The figures of all benchmarks, as a table or as JSON.
struct Report {
    private struct Part: Encodable {
        let name: String
        let figures: [Figure]
        /// Why there are no figures.
        let fault: String?
    }

    private struct Whole: Encodable {
        let benchmarks: [Part]
        let isGood: Bool
    }

    private var parts: [Part] = []

    mutating func add(_ name: String, _ figures: [Figure]) {
        parts.append(Part(name: name, figures: figures, fault: nil))
    }

    mutating func add(_ name: String, fault: String) {
        parts.append(Part(name: name, figures: [], fault: fault))
    }

    /// Whether every benchmark ran and every goal was met that may not be missed.
    var isGood: Bool {
        parts.allSatisfy {
            $0.fault == nil && $0.figures.allSatisfy { $0.mayMiss || $0.isGood ?? true }
        }
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = try? encoder.encode(Whole(benchmarks: parts, isGood: isGood))
        return String(decoding: bytes ?? Data(), as: UTF8.self)
    }

    var table: String {
        let rows = parts.flatMap { part in
            part.figures.map { figure in
                [
                    part.name, figure.name, Figure.text(figure.value), figure.unit,
                    figure.goalText,
                    figure.isGood.map { $0 ? "met" : figure.mayMiss ? "missed" : "MISSED" }
                        ?? "",
                ]
            }
                + (part.fault.map { [[part.name, "not measured: \($0)", "", "", "", "MISSED"]] }
                    ?? [])
        }
        let all = [["benchmark", "figure", "value", "unit", "goal", ""]] + rows
        let widths = (0..<6).map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let gap = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 2 ? gap + cell.0 : cell.0 + gap
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}
