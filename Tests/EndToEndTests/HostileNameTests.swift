import Digests
import Foundation
import HTTPModel
import Support
import Testing

extension EndToEnd {
    /// Documents whose names and URLs want to lead somewhere else.
    @Suite(.serialized)
    struct HostileNames {
        private static let archive = [0x1F, 0x8B, 8, 0] + Pattern(byteCount: 2_000, seed: 8).bytes

        /// Names that are paths, keys of somebody's objects, or look like other names.
        private static let names: [String] = [
            "../x", "../../../../../../tmp/x", "/etc/x", "..", ".", "C:\\x", "..\\..\\x",
            "%2e%2e", "%2e%2e%2fx", "a%00b", "a\u{0}b", "a\nb", "a\r\nX-Evil: 1", "a b", "",
            "a\u{202E}gpj.b", "\u{FEFF}a", "caf\u{E9}", "cafe\u{301}", "__proto__", "constructor",
            "prototype", "toString", "hasOwnProperty", "Mixed-Case", "trailing.", "trailing ", "-x",
            "~root", "$(id)", "`id`", "a;b", "a?b", "a#b", "a&b", "<script>", "\"quoted\"", "'",
            "CON",
            "con.tgz", "x.larder", ".htaccess", String(repeating: "n", count: 4_096),
        ]

        /// A document and its files under hostile names or URLs, published at a site.
        private static func publish(
            _ site: OutageSite, names: [String], urls: [String]
        ) throws {
            let hash = sha256(archive)
            let pairs =
                names.map { (name: $0, url: nil as String?) }
                + zip(0..., urls).map { (name: "u\($0)", url: $1) }
            let document: Any
            switch site.ecosystem {
            case .pypi:
                for (number, name) in zip(0..., names) { try publish(name, number, at: site) }
                document =
                    [
                        "meta": ["api-version": "1.1"], "name": "evil", "versions": [],
                        // Good names of files; a page with a bad one is refused as a whole.
                        "files": zip(0..., pairs).map { number, pair in
                            [
                                "filename": "evil-1.\(number)-py3-none-any.whl",
                                "url": pair.url ?? "../../packages/\(pair.name)",
                                "hashes": ["sha256": hash], "size": archive.count,
                            ] as [String: Any]
                        },
                    ] as [String: Any]
            case .npm:
                let versions = zip(0..., pairs).map { number, pair in
                    let version = pair.url == nil ? pair.name : "1.\(number).0"
                    let tarball = pair.url ?? "\(site.base)/evil/-/\(pair.name)"
                    return (
                        version,
                        [
                            "name": "evil", "version": version,
                            "dist": ["tarball": tarball, "shasum": Self.sha1],
                        ] as [String: Any]
                    )
                }
                document =
                    [
                        "name": "evil",
                        "dist-tags": ["latest": "../x", "__proto__": "constructor"],
                        "versions": Dictionary(versions) { first, _ in first },
                    ] as [String: Any]
            case .helm:
                let entries = zip(0..., pairs).map { number, pair in
                    (
                        pair.url == nil ? pair.name : "u\(number)",
                        [
                            [
                                "apiVersion": "v2", "name": pair.name, "version": "1.0.\(number)",
                                "digest": hash, "urls": [pair.url ?? "\(pair.name).tgz"],
                            ] as [String: Any]
                        ]
                    )
                }
                document =
                    [
                        "apiVersion": "v1", "entries": Dictionary(entries) { first, _ in first },
                    ] as [String: Any]
            }
            let bytes = [UInt8](try JSONSerialization.data(withJSONObject: document))
            let (path, type) = Self.place(site.ecosystem)
            site.origin.route(path, .bytes(bytes, type: type))
        }

        /// A page of PyPI's with one file of a hostile name.
        private static func publish(_ name: String, _ number: Int, at site: OutageSite) throws {
            let hash = sha256(archive)
            let page: [String: Any] = [
                "meta": ["api-version": "1.1"], "name": "evil\(number)", "versions": [],
                "files": [
                    ["filename": name, "url": "../../packages/x", "hashes": ["sha256": hash]]
                ],
            ]
            let bytes = [UInt8](try JSONSerialization.data(withJSONObject: page))
            site.origin.route(
                "/simple/evil\(number)/",
                .bytes(bytes, type: "application/vnd.pypi.simple.v1+json"))
        }

        private static var sha1: String {
            guard var hasher = try? Digests.Hasher(.sha1) else { return "" }
            hasher.update(archive)
            return hasher.finish().hex
        }

        /// A file of the upstream's own: its URL, its path there, and its target at the server.
        private static func control(
            _ site: OutageSite
        ) -> (url: String, path: String, target: String) {
            let (mount, path) =
                switch site.ecosystem {
                case .pypi: ("/pypi", "/packages/evil-1.0-py3-none-any.whl")
                case .npm: ("/npm", "/evil/-/evil-1.0.0.tgz")
                case .helm: ("/helm", "/held/u0-1.0.0.tgz")
                }
            return (site.base + path, path, mount + path)
        }

        private static func place(_ ecosystem: OutageSite.Ecosystem) -> (String, String) {
            switch ecosystem {
            case .pypi: ("/simple/evil/", "application/vnd.pypi.simple.v1+json")
            case .npm: ("/evil", "application/json")
            case .helm: ("/held/index.yaml", "text/yaml")
            }
        }

        private static func documents(_ ecosystem: OutageSite.Ecosystem) -> [(String, [String])] {
            switch ecosystem {
            case .pypi:
                [
                    ("/pypi/simple/evil/", ["Accept: application/vnd.pypi.simple.v1+json"]),
                    ("/pypi/simple/evil/", ["Accept: text/html"]),
                ]
            case .npm:
                [
                    ("/npm/evil", []),
                    ("/npm/evil", ["Accept: application/vnd.npm.install-v1+json"]),
                    ("/npm/-/package/evil/dist-tags", []),
                ]
            case .helm:
                [("/helm/held/index.yaml", []), ("/helm/held/index.yaml?format=yaml", [])]
            }
        }

        /// Targets of all that a served document links to.
        private static func links(
            _ text: String, _ ecosystem: OutageSite.Ecosystem, _ larder: Larder
        ) -> Set<String> {
            let text = text.replacing("\\/", with: "/")
            let own = "http://127.0.0.1:\(larder.port)"
            let words = text.split { "\"'<> \n".contains($0) }.map(String.init)
            return Set(
                words.compactMap { word in
                    let link = String(word.prefix { $0 != "#" })
                    if link.hasPrefix(own + "/") { return String(link.dropFirst(own.count)) }
                    if link.hasPrefix("../../packages/") {
                        return "/pypi" + link.dropFirst(5)
                    }
                    let isChart = ecosystem == .helm && link.hasSuffix(".tgz")
                    return isChart ? "/helm/held/" + link : nil
                })
        }

        private static func escaped(_ name: String) -> String {
            name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "x"
        }

        /// Asks for a site's documents and for all that they name.
        private static func ask(
            _ site: OutageSite, _ larder: Larder, also direct: [String]
        ) async throws -> [(target: String, exchange: Exchange)] {
            var targets = Set(direct)
            for (target, fields) in documents(site.ecosystem) {
                let got = try await larder.get(target, fields: fields)
                #expect(got.isGood, "\(target): \(got.testDescription)")
                if got.isGood { targets.formUnion(links(got.text, site.ecosystem, larder)) }
            }
            let asked = Watched<[(target: String, exchange: Exchange)]>([])
            try await concurrently(targets.sorted()) { target in
                let got = try await larder.get(target, within: 30)
                asked.update { $0.append((target, got)) }
            }
            return asked.value
        }

        @Test(
            "M-3: names that are paths or keys: refused or inert, no file outside, no crash",
            .timeLimit(.minutes(2)), arguments: OutageSite.Ecosystem.allCases)
        func names(_ ecosystem: OutageSite.Ecosystem) async throws {
            let bed = try ThreeSites()
            let site = try bed.site(ecosystem)
            let folder = URL(fileURLWithPath: bed.home.store).deletingLastPathComponent().path
            try Self.publish(site, names: Self.names, urls: [])
            site.origin.fallback { _, _ in .bytes(Self.archive) }
            let larder = try await bed.home.start()
            let kept = Set(TemporaryFolder.files(below: folder))
            let outside = ["/etc/x", "/tmp/x", NSTemporaryDirectory() + "x"].filter {
                FileManager.default.fileExists(atPath: $0)
            }
            let direct =
                Self.names.flatMap { name in
                    let word = Self.escaped(name)
                    return [
                        "/pypi/simple/\(word)/", "/pypi/packages/aa/\(word)", "/npm/\(word)",
                        "/npm/@\(word)/\(word)", "/npm/evil/\(word)", "/npm/evil/-/\(word)",
                        "/helm/\(word)/index.yaml", "/helm/held/\(word).tgz", "/\(word)",
                    ]
                } + Self.names.indices.map { "/pypi/simple/evil\($0)/" }
            let answers = try await Self.ask(site, larder, also: direct)
            #expect(answers.count > Self.names.count)
            let statuses = Dictionary(grouping: answers) { $0.exchange.status }.mapValues(\.count)
            print("hostile names, \(ecosystem): \(answers.count) asked, \(statuses)")
            #expect(statuses[500] == nil && statuses[0] == nil)
            for (target, got) in answers {
                #expect(got.headers["x-evil"] == nil, "\(target)")
                // What looked like a path is none to the upstream either.
                #expect(!got.isGood || !target.contains("%00"), "\(target)")
            }
            for request in site.origin.ledger.requests {
                let parts = request.path.split(separator: "/")
                #expect(!parts.contains("..") && !parts.contains("."), "\(request.target)")
                #expect(!request.path.utf8.contains { $0 <= 0x20 || $0 >= 0x7F })
            }
            #expect(larder.process.ending == nil)
            try await bed.home.settleStaging("M-3")
            for file in Set(TemporaryFolder.files(below: folder)).subtracting(kept) {
                let name = (file as NSString).lastPathComponent
                let isBlob = file.hasPrefix(bed.home.store + "/blobs/") && name.count == 64
                #expect(isBlob, "\(file)")
            }
            for path in ["/etc/x", "/tmp/x", NSTemporaryDirectory() + "x"] {
                #expect(FileManager.default.fileExists(atPath: path) == outside.contains(path))
            }
            #expect(try bed.home.damage().wrong == [])
        }

        @Test(
            "M-4: URLs of documents that lead to other places are not fetched",
            .timeLimit(.minutes(2)), arguments: OutageSite.Ecosystem.allCases)
        func urls(_ ecosystem: OutageSite.Ecosystem) async throws {
            let canary = try OriginStub()
            canary.fallback { _, _ in .bytes(Self.archive) }
            let port = canary.port
            let bed = try ThreeSites()
            let site = try bed.site(ecosystem)
            let hosts = [
                "127.0.0.1:\(port)", "localhost:\(port)", "127.1:\(port)", "2130706433:\(port)",
                "0x7f000001:\(port)", "0:\(port)", "[::1]:\(port)", "[::ffff:127.0.0.1]:\(port)",
                "user:word@127.0.0.1:\(port)", "127.0.0.1:\(site.origin.port)@127.0.0.1:\(port)",
                "127.0.0.1:\(port)#@127.0.0.1:\(site.origin.port)", "169.254.169.254",
                "[fd00:ec2::254]", "metadata.google.internal", "unlisted.invalid", "10.0.0.1",
                "a.localhost:\(port)",
            ]
            let urls =
                hosts.flatMap { ["http://\($0)/u-1.0.0.tgz", "https://\($0)/u-1.0.0.tgz"] } + [
                    "//127.0.0.1:\(port)/u-1.0.0.tgz", "\\\\127.0.0.1:\(port)\\u-1.0.0.tgz",
                    "http:\\\\127.0.0.1:\(port)/u-1.0.0.tgz", "file:///etc/passwd",
                    "file://127.0.0.1:\(port)/etc/passwd", "ftp://127.0.0.1:\(port)/u-1.0.0.tgz",
                    "gopher://127.0.0.1:\(port)/_GET", "data:application/gzip;base64,H4sI",
                    "javascript:alert(1)", "dict://127.0.0.1:\(port)/x",
                    "oci://127.0.0.1:\(port)/charts/u:1.0.0", "http://127.0.0.1:\(port)",
                    "\u{0}http://127.0.0.1:\(port)/u-1.0.0.tgz",
                    " http://127.0.0.1:\(port)/u-1.0.0.tgz",
                ]
            // One good URL among them: that it is fetched shows that the others could have been.
            let control = Self.control(site)
            site.origin.route(control.path, .bytes(Self.archive))
            try Self.publish(site, names: [], urls: [control.url] + urls)
            let larder = try await bed.home.start()
            // PyPI's pages keep links to unlisted hosts as they are, for clients to follow or not.
            let direct = hosts.flatMap { host in
                let word = Self.escaped(host)
                return [
                    "/pypi/files/\(word)/u-1.0.0.tgz", "/pypi/files/\(word)/evil-1.0.tar.gz",
                    "/helm/held/-/\(word)/u-1.0.0.tgz",
                ]
            }
            let answers = try await Self.ask(site, larder, also: direct)
            let statuses = Dictionary(grouping: answers) { $0.exchange.status }.mapValues(\.count)
            print(
                "hostile URLs, \(ecosystem): \(urls.count) listed, asked and answered \(statuses)")
            #expect(answers.count > direct.count)
            #expect(site.origin.ledger.count(control.path) == 1)
            for (target, got) in answers {
                if target == control.target {
                    #expect(got.isGood && got.body == Self.archive, "\(got.testDescription)")
                    continue
                }
                #expect(got.status >= 400, "\(target): \(got.testDescription)")
                #expect(!got.text.contains("root:x:"), "\(target)")
            }
            #expect(canary.ledger.connectionCount == 0)
            #expect(try await larder.get("/healthz").status == 200)
        }
    }
}
