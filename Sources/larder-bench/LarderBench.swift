import Compression
import Ecosystems
import Foundation
import HTTPModel
import Linux
import PyPI

@main struct LarderBench {
    static func main() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "ecosystems/pypi/Fixtures/micropip")
        let simple = AbsoluteURL("https://index.example/simple/")!
        let files = CommandLine.arguments.contains("real") ? AbsoluteURL("https://files.pythonhosted.org/packages/")! : AbsoluteURL("https://files.example/packages/")!
        let adapter = PyPIAdapter(mount: ["pypi"], upstream: PyPIUpstream(simple: simple, files: files)!)
        for (f, type) in [("numpy_simple.json.gz", "application/vnd.pypi.simple.v1+json"), ("numpy_simple.html.gz", "text/html")] {
            let bytes = try gunzip([UInt8](Data(contentsOf: folder.appending(path: f))), limits: ExpansionLimits(outputByteCount: 16 << 20))
            let document = UpstreamDocument(name: "simple/numpy/", contentType: type, url: simple.resolving("numpy/")!, bytes: bytes)
            func time(_ name: String, _ work: () throws -> Void) rethrows {
                if let m = CommandLine.arguments.dropFirst().first, (f+":"+name) != m { return }
                try work()
                var best = Duration.seconds(100)
                                let n = CommandLine.arguments.count > 1 ? 1000 : 100
                var total = Duration.zero
                for _ in 0..<n { let t0 = SystemClock.threadNanoseconds; try work(); let d = Duration.nanoseconds(Int64(SystemClock.threadNanoseconds - t0)); best = min(best, d); total += d }
                func rate(_ d: Duration) -> Int { Int(Double(bytes.count) / (d / .nanoseconds(1)) * 1000) }
                print(f, name, bytes.count, "best", rate(best), "mean", rate(total / n), "MB/s")
            }
            try time("parse") { _ = try adapter.page(document) }
            let page = try adapter.page(document)
            try time("json") { _ = try page.rendered(as: .json) }
            try time("html") { _ = try page.rendered(as: .html) }
            try time("parse+both") { let page = try adapter.page(document); _ = try page.rendered(as: .json); _ = try page.rendered(as: .html) }
            try time("facts") { _ = try adapter.facts(of: document) }
            try time("cold") { _ = try adapter.facts(of: document); _ = try adapter.render(document, as: SimpleForm.json.variant);_ = try adapter.render(document, as: SimpleForm.html.variant) }
        }
    }
}
