import Digests
import Engine
import HTTPModel
import PyPI

/// One project with one wheel and its metadata, both with their digests, for tests of files.
struct PyPIFileBench {
    static let page = "/pypi/simple/foo-bar/"
    static let upstreamPage = "\(PyPIBench.simple)foo-bar/"
    static let wheel = "foo_bar-1-py3-none-any.whl"
    static let path = "/pypi/packages/aa/\(wheel)"
    static let url = "\(PyPIBench.files)aa/\(wheel)"
    static let metadata = Array("Metadata-Version: 2.1\nName: foo-bar\n".utf8)

    var bytes = TestFile("x", byteCount: 100_000).bytes
    /// What the page says of the metadata: a member of the file's object, with a comma before it.
    var announced = #","core-metadata":{"sha256":"\#(BlobDigest.of(metadata).hex)"}"#
    /// Whether the page tells the wheel's digest.
    var isHashed = true

    var pieces: [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 50_000).map {
            Array(bytes[$0..<min($0 + 50_000, bytes.count)])
        }
    }

    var pageScript: FakeUpstream.Script {
        let hashes = isHashed ? #"{"sha256":"\#(BlobDigest.of(bytes).hex)"}"# : "{}"
        return PyPIBench.page(
            PyPIBench.file(Self.wheel, announced)
                .replacing(#""hashes":{}"#, with: #""hashes":\#(hashes)"#))
    }

    func bench(_ change: (inout EngineRules) -> Void = { _ in }) -> Bench {
        let bench = Bench(mounts: [PyPIBench.mount()], change)
        bench.upstream.set(Self.upstreamPage, pageScript)
        bench.upstream.set(Self.url, .init(pieces: pieces))
        bench.upstream.set("\(Self.url).metadata", .init(pieces: [Self.metadata]))
        return bench
    }
}
