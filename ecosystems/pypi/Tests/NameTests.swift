import Ecosystems
import HTTPModel
import PyPI
import Resources
import Testing

@Suite struct NameTests {
    struct Name: Sendable {
        let given: String
        let normalized: String?
    }

    static let names: [Name] = [
        .init(given: "friendly-bard", normalized: "friendly-bard"),
        .init(given: "Friendly-Bard", normalized: "friendly-bard"),
        .init(given: "FRIENDLY-BARD", normalized: "friendly-bard"),
        .init(given: "friendly.bard", normalized: "friendly-bard"),
        .init(given: "friendly_bard", normalized: "friendly-bard"),
        .init(given: "friendly--bard", normalized: "friendly-bard"),
        .init(given: "FrIeNdLy-._.-bArD", normalized: "friendly-bard"),
        .init(given: "7", normalized: "7"), .init(given: "", normalized: nil),
        .init(given: "_x", normalized: nil), .init(given: "x.", normalized: nil),
        .init(given: "x y", normalized: nil), .init(given: "\u{212A}", normalized: nil),
        .init(given: "x\u{0}", normalized: nil), .init(given: "é", normalized: nil),
    ]

    @Test("project names, packaging.python.org name normalization", arguments: names)
    func projectNames(_ row: Name) {
        #expect(ProjectName(row.given)?.normalized == row.normalized)
    }

    struct File: Sendable {
        let name: String
        /// The project and the version; nil for a name that is no distribution's.
        let parts: [String]?

        init(_ name: String, _ parts: [String]?) {
            self.name = name
            self.parts = parts
        }
    }

    static let files: [File] = [
        File("numpy-1.25.0-cp310-cp310-macosx_10_9_x86_64.whl", ["numpy", "1.25.0"]),
        File("foo_bar-1.0-1-py3-none-any.whl", ["foo-bar", "1.0"]),
        File("Foo.Bar-1.0-py3-none-any.whl", ["foo-bar", "1.0"]),
        File("torch-2.4.0+cu121-cp310-cp310-linux_x86_64.whl", ["torch", "2.4.0+cu121"]),
        File("foo-1.0.tar.gz", ["foo", "1.0"]), File("foo-bar-1.0.zip", ["foo-bar", "1.0"]),
        File("xo-gd-3.2.2-4.tar.gz", ["xo-gd", "3.2.2-4"]),
        File("aws-adfs-ebsco-0.3.6-2.tar.gz", ["aws-adfs-ebsco", "0.3.6-2"]),
        File("foo-3d-1.0.tar.gz", ["foo-3d", "1.0"]), File("foo-3d-2.tar.gz", ["foo-3d", "2"]),
        File("python-3parclient-4.2.12.tar.gz", ["python-3parclient", "4.2.12"]),
        File("zope.interface-5.0.0.tar.bz2", ["zope-interface", "5.0.0"]),
        File("numpy-1.0.1.dev3460.win32-py2.4.exe", ["numpy", "1.0.1.dev3460.win32-py2.4"]),
        File("foo-1.0-py2.7.egg", ["foo", "1.0"]),
        File("foo-1.0-1.noarch.rpm", ["foo", "1.0-1.noarch"]),
        File("foo-1.0.ZIP", ["foo", "1.0"]), File("foo-1.0.tar.Z", ["foo", "1.0"]),
        File("foo-1!2.0.tar.gz", ["foo", "1!2.0"]), File("foo-1.0-variants.json", ["foo", "1.0"]),
        File("luigi-1.0.9.macosx-10.9-x86_64.tar.gz", ["luigi", "1.0.9.macosx-10.9-x86_64"]),
        File("foo-2-1.0.linux-x86_64.tar.gz", ["foo-2", "1.0.linux-x86_64"]),
        File("foo.tar.gz", nil), File("foo-bar.tar.gz", nil), File("foo-1.0.txt", nil),
        File("foo-1.0", nil), File(".whl", nil), File("-1.0.tar.gz", nil), File("foo-.whl", nil),
    ]

    @Test("what a file's name says, PEP 427 and PEP 625", arguments: files)
    func fileNames(_ row: File) throws {
        let page = Sample.json(
            files: """
                {"filename":"\(row.name)","hashes":{},
                "url":"https://files.example/packages/aa/\(row.name)"}
                """)
        let fact = try Sample.adapter.facts(of: page).first
        #expect(fact?.version == row.parts?[1])
        let path = "/pypi/packages/aa/\(row.name)"
        let target = try RequestTarget(Array(path.utf8))
        let route = Sample.adapter.route(RequestHead(method: .get, target: target), base: nil)
        guard let parts = row.parts else {
            guard case .refused = route else {
                Issue.record("\(route)")
                return
            }
            return
        }
        let artifact = try #require(fact?.artifact)
        #expect(route == .artifact(name: artifact, namedBy: "simple/\(parts[0])/"))
    }

    struct Time: Sendable {
        let text: String
        let seconds: Int64?
    }

    static let times: [Time] = [
        .init(text: "1970-01-01T00:00:00Z", seconds: 0),
        .init(text: "2021-08-09T03:44:44.908766Z", seconds: 1_628_480_684),
        .init(text: "2000-02-29T23:59:59Z", seconds: 951_868_799),
        .init(text: "2024-03-01T00:00:00.5Z", seconds: 1_709_251_200),
        .init(text: "2024-03-01T02:00:00+02:00", seconds: 1_709_251_200),
        .init(text: "2024-02-29T23:00:00-01:00", seconds: 1_709_251_200),
        .init(text: "1969-12-31T23:59:59Z", seconds: -1),
        .init(text: "2024-03-01 00:00:00Z", seconds: nil),
        .init(text: "2024-03-01T00:00:00", seconds: nil),
        .init(text: "2024-13-01T00:00:00Z", seconds: nil),
        .init(text: "2024-03-01T24:00:00Z", seconds: nil),
        .init(text: "2024-03-01T00:00:00.Z", seconds: nil), .init(text: "", seconds: nil),
        .init(text: "2024-03-01", seconds: nil), .init(text: "yyyy-mm-ddThh:mm:ssZ", seconds: nil),
    ]

    @Test("upload times, PEP 700", arguments: times)
    func uploadTimes(_ row: Time) throws {
        let page = Sample.json(
            files: """
                {"filename":"x-1.zip","url":"https://files.example/packages/x-1.zip","hashes":{},
                "upload-time":"\(row.text)"}
                """)
        #expect(try Sample.adapter.facts(of: page).first?.publishedAt == row.seconds)
        let rendered = try Sample.rendered(page, as: .json)
        #expect(rendered.contains("upload-time") == (row.seconds != nil))
    }
}
