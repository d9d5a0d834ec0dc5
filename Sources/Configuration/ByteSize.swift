internal import HTTPModel

/// Sizes as people write them: decimal and binary units, and the short ones of Kubernetes.
private let units: [(name: String, bytes: Int)] = [
    ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
    ("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10), ("B", 1),
]

/// The number of bytes that `text` names, as `50GiB`, `500 MB` or `1048576`.
///
/// `nil` when it names none or more than an `Int` holds. Case is ignored: nobody means bits or
/// milli-bytes here.
func byteSize(_ text: String) -> Int? {
    let digits = text.prefix { $0.utf8.count == 1 && $0.utf8.allSatisfy(isDigit) }
    guard let number = Int(digits) else { return nil }
    var unit = text[digits.endIndex...]
    if unit.isEmpty { return number }
    if unit.first == " " { unit = unit.dropFirst() }
    let folded = String(unit).asciiLowercased
    guard let known = units.first(where: { $0.name.asciiLowercased == folded }) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: known.bytes)
    return overflow ? nil : bytes
}

/// `bytes` in the largest binary unit that divides it, so that reading it again gives the same.
func byteSizeText(_ bytes: Int) -> String {
    for unit in units.prefix(4) where bytes >= unit.bytes && bytes % unit.bytes == 0 {
        return "\(bytes / unit.bytes)\(unit.name)"
    }
    return "\(bytes)"
}
