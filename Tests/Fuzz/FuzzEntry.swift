import Foundation

/// What libFuzzer calls with each input; the target is the one that `LARDER_FUZZ_TARGET` names.
///
/// libFuzzer has the `main` of this program, so that is all there is of ours. An input that breaks a
/// promise stops the process, and libFuzzer keeps it.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    FuzzTarget.chosen.run(bytes)
    return 0
}

extension FuzzTarget {
    /// Settled at the first input, for the whole run.
    fileprivate static let chosen: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["LARDER_FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let names = allCases.map(\.rawValue).joined(separator: " ")
            preconditionFailure("set LARDER_FUZZ_TARGET to one of: \(names)")
        }
        return target
    }()
}
