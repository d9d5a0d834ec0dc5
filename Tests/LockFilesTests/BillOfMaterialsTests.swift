import Digests
import Foundation
import LockFiles
import Testing

@Suite struct BillOfMaterialsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let component: BillOfMaterials.Component
        let url: String
        /// What the reader of lock files makes of it.
        let package: LockedPackage
    }

    static let digest = String(repeating: "0a", count: 32)

    private static func locked(
        _ ecosystem: LockedPackage.Ecosystem, _ name: String, _ version: String,
        source: String? = nil, file: String? = nil
    ) -> LockedPackage {
        let digests = [Digest(algorithm: .sha256, hex: digest)].compactMap(\.self)
        return LockedPackage(
            ecosystem, name, version: version, source: source,
            files: file.map { [LockedFile(name: $0, digests: digests)] } ?? [],
            digests: file == nil ? digests : [])
    }

    static let rows: [Row] = [
        Row(
            testDescription: "a wheel",
            component: .init(
                .pypi, "click", version: "8.1.8", file: "click-8.1.8-py3-none-any.whl"),
            url: "pkg:pypi/click@8.1.8?file_name=click-8.1.8-py3-none-any.whl",
            package: locked(.pypi, "click", "8.1.8", file: "click-8.1.8-py3-none-any.whl")),
        Row(
            testDescription: "a local version of a further index",
            component: .init(
                .pypi, "torch", version: "2.7.0+cpu", file: "torch-2.7.0+cpu.whl",
                source: "https://index.example/cpu?a=1&b"),
            url: "pkg:pypi/torch@2.7.0%2Bcpu?file_name=torch-2.7.0%2Bcpu.whl"
                + "&repository_url=https://index.example/cpu%3Fa%3D1%26b",
            package: locked(
                .pypi, "torch", "2.7.0+cpu", source: "https://index.example/cpu?a=1&b",
                file: "torch-2.7.0+cpu.whl")),
        Row(
            testDescription: "a package of a scope",
            component: .init(.npm, "@scope/thing", version: "7.0.1"),
            url: "pkg:npm/%40scope/thing@7.0.1", package: locked(.npm, "@scope/thing", "7.0.1")),
        Row(
            testDescription: "a chart",
            component: .init(
                .helm, "common", version: "1.10.0", source: "https://charts.example/acme"),
            url: "pkg:helm/common@1.10.0?repository_url=https://charts.example/acme",
            package: locked(.helm, "common", "1.10.0", source: "https://charts.example/acme")),
        Row(
            testDescription: "what needs escapes in JSON",
            component: .init(.npm, "a\"b\\", version: "1\n"),
            url: "pkg:npm/a%22b%5C@1%0A", package: locked(.npm, "a\"b\\", "1\n")),
    ]

    @Test("what is written is read again", arguments: rows)
    func again(_ row: Row) throws {
        var bill = BillOfMaterials()
        bill.add(row.component, sha256: Self.digest)
        let bytes = bill.cycloneDX(madeAt: "2026-11-23T00:00:00Z", by: "0.1.0")
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        let component = try #require((object["components"] as? [[String: Any]])?.first)
        #expect(component["purl"] as? String == row.url)
        let read = try LockedPackages.read(bytes, name: "bill.json")
        #expect(read.packages == [row.package])
        #expect(read.omissions.isEmpty)
    }

    @Test("a file is listed once, with its digest from whichever line has it, in one order")
    func once() throws {
        let first = BillOfMaterials.Component(.npm, "b", version: "1")
        let second = BillOfMaterials.Component(.npm, "a", version: "1")
        var bill = BillOfMaterials()
        for digest in ["", Self.digest, ""] {
            bill.add(first, sha256: digest)
            bill.add(second, sha256: "")
        }
        let bytes = bill.cycloneDX(madeAt: "2026-11-23T00:00:00Z", by: "0.1.0")
        let packages = try LockedPackages.read(bytes, name: "bill.json").packages
        #expect(packages.map(\.name) == ["a", "b"])
        #expect(packages.map(\.digests.count) == [0, 1])
    }
}
