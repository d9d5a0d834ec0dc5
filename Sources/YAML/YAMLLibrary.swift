internal import CYAML

/// The library behind this module.
package enum YAMLLibrary {
    package static var version: String {
        unsafe yaml_get_version_string().map { unsafe String(cString: $0) } ?? "unknown"
    }
}
