import Foundation

/// The environment of the test process, for what a C library reads from it by itself.
package enum ProcessEnvironment {
    /// Sets a variable for the rest of the run; false when there is no memory.
    ///
    /// Other threads must not be reading it: set what no other test looks at, and set it once.
    package static func set(_ name: String, to value: String) -> Bool {
        unsafe setenv(name, value, 1) == 0
    }
}
