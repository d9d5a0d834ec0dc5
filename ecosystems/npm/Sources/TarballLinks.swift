internal import Ecosystems
internal import HTTPModel

/// How the tarballs of one package are addressed here.
struct TarballLinks: Sendable {
    let package: PackageName
    /// `"<base>/npm/<name>/-/`, with the quote that begins the string.
    private let start: [UInt8]

    /// Links below `mount`, which are the path segments before a package's name.
    init(_ package: PackageName, base: PublicBase, mount: [String]) {
        self.package = package
        let folder = mount.map { "/\($0)" }.joined()
        start = Array("\"\(base.text)\(folder)/\(package.text)/-/".utf8)
    }

    /// Writes the JSON string that takes the place of an upstream's URL.
    ///
    /// Nothing in it needs an escape: names are of unreserved characters and some punctuation.
    func write(for url: [UInt8], version: [UInt8], into output: inout [UInt8]) {
        output.append(contentsOf: start)
        output.append(
            contentsOf: TarballName.name(for: url[...], of: package, version: version).utf8)
        output.append(UInt8(ascii: "\""))
    }
}
