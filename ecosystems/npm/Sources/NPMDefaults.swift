/// The public registry: the only place that names it.
package enum NPMDefaults {
    package static let registry = "https://registry.npmjs.org/"
}
