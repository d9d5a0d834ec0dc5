import Foundation

/// Stops the process, so that libFuzzer keeps the input, unless what was promised holds.
///
/// Unlike a precondition it says also in a release build which promise was broken.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
    guard !holds else { return }
    FileHandle.standardError.write(Data("broken promise: \(what())\n".utf8))
    preconditionFailure()
}
