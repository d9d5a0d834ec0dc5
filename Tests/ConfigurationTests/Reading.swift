import Configuration

/// Reads settings as `larder` does, from texts.
func read(
    _ file: String? = nil, environment: [String: String] = [:],
    options: [ConfigurationSource.Option] = [], secrets: [String: String] = [:]
) throws(ConfigurationError) -> Settings {
    var environment = environment
    if environment["HOME"] == nil { environment["HOME"] = "/users/ann" }
    if environment["HOME"]?.isEmpty == true { environment["HOME"] = nil }
    let named = file.map { ConfigurationSource.File(name: "larder.yaml", bytes: Array($0.utf8)) }
    return try Settings(
        reading: ConfigurationSource(
            file: named, environment: environment, options: options, workingFolder: "/srv/start",
            readSecret: { secrets[$0] }))
}

/// The problems of a configuration as the operator sees them; empty when it is good.
func problems(
    _ file: String? = nil, environment: [String: String] = [:],
    options: [ConfigurationSource.Option] = [], secrets: [String: String] = [:]
) -> [String] {
    do throws(ConfigurationError) {
        _ = try read(file, environment: environment, options: options, secrets: secrets)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
