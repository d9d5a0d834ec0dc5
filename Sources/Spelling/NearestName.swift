/// The name that was probably meant by `typed`, or `nil` when none is near.
///
/// Near means at most a third of the typed letters wrong, and at least one wrong letter is always
/// allowed. Of equally near names the first one wins. Bytes are compared, without regard to ASCII
/// case; inputs longer than 64 bytes have no near name.
package func nearestName(to typed: String, among names: [String]) -> String? {
    let limit = max(1, typed.utf8.count / 3)
    var best: (name: String, distance: Int)?
    for name in names {
        let distance = editDistance(typed, name)
        if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// How many letters have to be added, removed, changed or swapped with their neighbour to turn one
/// name into the other.
///
/// Source: the optimal string alignment distance, in three rows.
package func editDistance(_ first: String, _ second: String) -> Int {
    let from = folded(first)
    let to = folded(second)
    guard from.count <= 64, to.count <= 64 else { return .max }
    var before = [Int](repeating: 0, count: to.count + 1)
    var previous = Array(0...to.count)
    for row in 0..<from.count {
        var current = [Int](repeating: row + 1, count: to.count + 1)
        for column in 0..<to.count {
            let change = from[row] == to[column] ? 0 : 1
            var least = min(
                previous[column] + change, previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, from[row] == to[column - 1], from[row - 1] == to[column] {
                least = min(least, before[column - 1] + 1)
            }
            current[column + 1] = least
        }
        before = previous
        previous = current
    }
    return previous[to.count]
}

private func folded(_ name: String) -> [UInt8] {
    name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
}
