import Ecosystems
import Foundation
import NPM
import Testing

/// The abbreviated form; `CorpusTests` compares it with recorded ones.
@Suite struct AbbreviatedTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let version: String
        let expected: String
    }

    static let rows: [Row] = [
        Row(
            testDescription: "what an installation needs stays, the rest does not",
            version:
                #"{"name":"p","version":"1","readme":"x","license":"MIT","_id":"p@1","os":["!win32"],"#
                + #""cpu":[],"libc":["glibc"],"bin":{"a":"b"},"dependencies":{"a":"^1"},"funding":[],"#
                + #""engines":["node"],"deprecated":false,"_hasShrinkwrap":false,"directories":{},"#
                + #""peerDependencies":{},"peerDependenciesMeta":{},"acceptDependencies":{},"#
                + #""bundleDependencies":true,"bundledDependencies":[],"optionalDependencies":{},"#
                + #""devDependencies":{"x":"1"},"dist":{"bin":{},"shasum":"00","signatures":[]}}"#,
            expected: #"{"name":"p","version":"1","os":["!win32"],"#
                + #""cpu":[],"libc":["glibc"],"bin":{"a":"b"},"dependencies":{"a":"^1"},"funding":[],"#
                + #""engines":["node"],"deprecated":false,"_hasShrinkwrap":false,"directories":{},"#
                + #""peerDependencies":{},"peerDependenciesMeta":{},"acceptDependencies":{},"#
                + #""bundleDependencies":true,"bundledDependencies":[],"optionalDependencies":{},"#
                + #""devDependencies":{"x":"1"},"dist":{"bin":{},"shasum":"00","signatures":[]}}"#),
        Row(
            testDescription: "a script that npm runs when it installs",
            version: #"{"scripts":{"test":"x","postinstall":"y","install":""},"version":"1"}"#,
            expected: #"{"version":"1","hasInstallScript":true}"#),
        Row(
            testDescription: "scripts that it does not run",
            version: #"{"scripts":{"test":"x","prepare":"y"},"version":"1"}"#,
            expected: #"{"version":"1"}"#),
        Row(
            testDescription: "what the registry says of scripts",
            version: #"{"hasInstallScript":true,"scripts":{"install":"x"}}"#,
            expected: #"{"hasInstallScript":true}"#),
        Row(
            testDescription: "false is left out", version: #"{"hasInstallScript":false}"#,
            expected: "{}"),
        Row(
            testDescription: "the tarball's URL becomes ours",
            version: #"{"dist":{"a":1,"tarball":"https://a.example/p-1.tgz","b":[2,{}]},"x":3}"#,
            expected: #"{"dist":{"a":1,"tarball":"<ours>p-1.tgz","b":[2,{}]}}"#),
        Row(
            testDescription: "strings where objects belong",
            version: #"{"scripts":"x","dist":"y","engines":"z"}"#,
            expected: #"{"dist":{},"engines":"z"}"#),
        Row(
            testDescription: "white space inside of values stays",
            version: "{ \"os\" : [ 1 , 2 ] ,\n \"dist\" : { \"a\" : 1 } }",
            expected: "{\"os\":[ 1 , 2 ],\"dist\":{ \"a\" : 1 }}"),
    ]

    @Test("versions of the abbreviated form, at every cut", arguments: rows)
    func versions(_ row: Row) throws {
        let time = #""time":{"created":"2020","modified":"2021-01-01T00:00:00.5Z","1":"x"}"#
        let text =
            #"{"_id":"p","name":"p","dist-tags":{"latest":"1"},"versions":{"1":\#(row.version)},"#
            + #"\#(time),"readme":"","modified":"no"}"#
        let expected = row.expected.replacing(
            "<ours>", with: "http://cache.example:81/prefix/npm/p/-/")
        let whole =
            #"{"name":"p","dist-tags":{"latest":"1"},"versions":{"1":\#(expected)},"#
            + #"\#(time),"modified":"2021-01-01T00:00:00.5Z"}"#
        let bytes = Array(text.utf8)
        let variant = Variant("abbreviated", base: Sample.base)
        for pieces in [[bytes]] + Sample.cuts(of: bytes) + [bytes.map { [$0] }] {
            let rendering = try Sample.adapter.rendering(pieces, of: "p", as: variant)
            #expect(String(decoding: rendering.text, as: UTF8.self) == whole)
            #expect(rendering.head.contentType == "application/vnd.npm.install-v1+json")
            #expect(rendering.head.lastModified == 1_609_459_201)
        }
    }

    @Test("an unpublished package keeps its name and its times")
    func unpublished() throws {
        let fixture = try Fixture.named("code-snippet")
        let rendering = try Sample.adapter.rendering(
            fixture.bytes(), of: fixture.package, as: .abbreviated)
        let read = try JSONSerialization.jsonObject(with: Data(rendering.text))
        let object = try #require(read as? [String: Any])
        #expect(Set(object.keys) == ["name", "time", "modified"])
        let time = try #require(object["time"] as? [String: Any])
        #expect(time["unpublished"] is [String: Any])
    }
}
