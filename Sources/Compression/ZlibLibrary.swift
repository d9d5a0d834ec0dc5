internal import CZlib

/// The library behind this module.
package enum ZlibLibrary {
    package static var version: String {
        unsafe zlibVersion().map { unsafe String(cString: $0) } ?? "unknown"
    }
}
