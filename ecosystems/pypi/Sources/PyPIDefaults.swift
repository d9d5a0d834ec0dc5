/// The public index: the only place that names it.
package enum PyPIDefaults {
    package static let simple = "https://pypi.org/simple/"
    package static let files = "https://files.pythonhosted.org/packages/"
}
