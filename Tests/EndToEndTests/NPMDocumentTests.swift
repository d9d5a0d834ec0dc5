import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Packuments as they go over the wire, against those of the upstream.
    @Suite(
        .serialized,
        .enabled(if: NPMClient.areInstalled, "scripts/clients could not get every npm client"))
    struct NPMDocumentsServed {
        private static let abbreviated = "application/vnd.npm.install-v1+json"

        @Test(
            "N2.14 (4): every packument is the upstream's but for the addresses of its tarballs",
            .timeLimit(.minutes(1)), arguments: NPMPackages.Form.allCases)
        func documents(_ form: NPMPackages.Form) async throws {
            let upstream = try NPMUpstream()
            let larder = try await LarderHome(npm: upstream).start()
            let type = form == .full ? "application/json" : Self.abbreviated
            for name in upstream.packages.names.sorted() {
                let target = "/" + name.replacingOccurrences(of: "/", with: "%2f")
                let fields = ["Accept: \(type)"]
                let served = try await larder.get("/npm" + target, fields: fields)
                #expect(served.isGood && served.headers["content-type"] == type, "\(name)")
                var expected = try Self.object(upstream, name, form)
                try Self.readdress(&expected, name, larder.registry, upstream.packages)
                if form == .abbreviated {
                    expected["time"] = try Self.object(upstream, name, .full)["time"]
                }
                let found = try Self.object(served.body)
                #expect(NSDictionary(dictionary: found).isEqual(to: expected), "\(name)")
            }
        }

        /// Gives every version the address that clients of the server expect.
        private static func readdress(
            _ document: inout [String: Any], _ name: String, _ registry: String,
            _ packages: NPMPackages
        ) throws {
            var versions = document["versions"] as? [String: [String: Any]] ?? [:]
            try #require(!versions.isEmpty)
            for version in versions.keys {
                let tarball = try packages.tarball(name, version)
                let file = tarball.path.split(separator: "/").last.map(String.init) ?? ""
                let place =
                    file.hasSuffix(".tgz") ? "/\(name)/-/\(file)" : tarball.canonicalPath
                var dist = versions[version]?["dist"] as? [String: Any] ?? [:]
                dist["tarball"] = registry + place
                versions[version]?["dist"] = dist
            }
            document["versions"] = versions
        }

        private static func object(
            _ upstream: NPMUpstream, _ name: String, _ form: NPMPackages.Form
        ) throws -> [String: Any] {
            try object(Array(try upstream.text(of: name, form).utf8))
        }

        private static func object(_ bytes: [UInt8]) throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Foundation.Data(bytes))
            return try #require(value as? [String: Any])
        }
    }
}
