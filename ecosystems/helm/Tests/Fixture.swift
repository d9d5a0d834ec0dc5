import Helm
import Support
import Testing

/// A recorded index, found beside this file in the working tree.
struct Fixture: Sendable, CustomTestStringConvertible {
    let path: String
    /// The repository's URL, as its entries have it.
    let base: String
    let charts: Int
    let entries: Int
    var dropped = 0

    var testDescription: String { path }

    /// The URL that the recorded entries of this default repository have.
    static let bitnami = HelmDefaults.repositories.first { $0.name == "bitnami" }?.url ?? ""

    static let big = Fixture(
        path: HelmCorpus.largest, base: bitnami,
        charts: 108, entries: 3_448)

    static let all: [Fixture] = [
        Fixture(
            path: "argo-helm.index.yaml.gz", base: "https://argoproj.github.io/argo-helm",
            charts: 11, entries: 1_628),
        big,
        Fixture(
            path: "bitnami-oci-mixed.derived.index.yaml",
            base: bitnami, charts: 12, entries: 72),
        Fixture(
            path: "chartmuseum-sample.index.yaml", base: "https://museum.example/v1/helm",
            charts: 2, entries: 3, dropped: 1),
        Fixture(
            path: "helm-stable-old.index.yaml", base: "https://charts.helm.sh/stable", charts: 68,
            entries: 388),
        Fixture(
            path: "k3s-charts.index.yaml", base: "https://k3s-io.example/charts/", charts: 6,
            entries: 30),
        Fixture(
            path: "nasty.index.yaml", base: "https://charts.example/nasty/", charts: 3, entries: 7,
            dropped: 4),
    ]

    func bytes() throws -> [UInt8] { try HelmCorpus.bytes(of: path) }

    func adapter() -> HelmAdapter { Sample.adapter(Sample.upstream(base)) }
}
