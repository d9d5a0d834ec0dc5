import Foundation
import HTTPModel
import Support

/// An index in the manner of PyTorch's.
///
/// Pages are in HTML below a path without `simple`, files are on another host with `+` as `%2B` in their
/// names, nothing may be stored for long, and a name that it does not know is a 403.
final class WheelhouseIndex: Sendable {
    struct Listing: Sendable {
        let file: Upstream.File
        var hasHash = true
        var hasMetadata = true
    }

    let pages: OriginStub
    let files: OriginStub

    init(_ listings: [Listing]) throws {
        pages = try OriginStub()
        files = try OriginStub()
        let absent = OriginAnswer(403, .bytes(Array("<Error>AccessDenied</Error>".utf8)))
        pages.fallback { _, _ in absent }
        files.fallback { _, _ in absent }
        for (project, listings) in Dictionary(grouping: listings, by: \.file.project) {
            pages.route(Self.path + project + "/", page(project, listings))
            for listing in listings { publish(listing) }
        }
    }

    private static let path = "/whl/cu121/"
    /// What the server under test gets as this index.
    var url: String { pages.base + Self.path }
    /// The host of its files, which is another one by name too.
    var fileHost: String { "localhost:\(files.port)" }

    /// Where a file is at its host, as links have it.
    static func path(of file: Upstream.File) -> String {
        path + file.name.replacingOccurrences(of: "+", with: "%2B")
    }

    /// The requests that both hosts saw, as `GET target`.
    var asked: [String] {
        (pages.ledger.requests + files.ledger.requests).map { "\($0.method) \($0.target)" }
    }

    func stop() {
        pages.stop()
        files.stop()
    }

    private func page(_ project: String, _ listings: [Listing]) -> OriginAnswer {
        let links = listings.map { listing in
            let file = listing.file
            let hash = listing.hasHash ? "#sha256=\(file.sha256)" : ""
            let metadata = listing.hasMetadata ? file.metadata.map { sha256($0) } : nil
            let announced = metadata.map {
                " data-dist-info-metadata=\"sha256=\($0)\" data-core-metadata=\"sha256=\($0)\""
            }
            return "<a href=\"http://\(fileHost)\(Self.path(of: file))\(hash)\""
                + "\(announced ?? "")>\(file.name)</a><br/>\n"
        }
        let text = """
            <!DOCTYPE html>
            <html>
              <body>
                <h1>Links for \(project)</h1>
            \(links.joined())
              </body>
            </html>
            <!--TIMESTAMP 1721865600-->
            """
        return OriginAnswer(
            200, .bytes(Array(text.utf8)),
            fields: [
                ("Content-Type", "text/html"),
                ("Cache-Control", "no-cache,no-store,must-revalidate"),
            ])
    }

    private func publish(_ listing: Listing) {
        let path = Self.path(of: listing.file)
        files.route(path, listing.file.answer)
        guard listing.hasMetadata, let metadata = listing.file.metadata else { return }
        files.route(path + ".metadata", .entity(.bytes(metadata), tag: "\"metadata\""))
    }
}
