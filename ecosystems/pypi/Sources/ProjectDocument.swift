internal import Ecosystems
internal import HTTPModel

/// The documents beside the simple API: the JSON API and provenance objects.
///
/// They are checked to be what they claim and copied byte for byte, but for the file URLs of the
/// JSON API, which become ours.
/// Their names are the path below the upstream's parent, so a name is the URL as well.
enum ProjectDocument: Sendable, Hashable {
    /// What PyPI's JSON API says of a project, or of one version of it.
    case json
    /// Attestations of one file (PEP 740).
    case provenance

    /// The kind of the document with this name; nil for pages and the list of projects.
    init?(name: String) {
        if name.hasPrefix("pypi/") {
            self = .json
        } else if name.hasPrefix("integrity/") {
            self = .provenance
        } else {
            return nil
        }
    }

    init?(_ variant: Variant) {
        switch variant.name {
        case Self.json.variant.name: self = .json
        case Self.provenance.variant.name: self = .provenance
        default: return nil
        }
    }

    var variant: Variant {
        switch self {
        case .json: Variant("json")
        case .provenance: Variant("provenance")
        }
    }

    /// What the upstream is asked for, and what clients get.
    var contentType: String {
        switch self {
        case .json: "application/json"
        case .provenance: "application/vnd.pypi.integrity.v1+json"
        }
    }

    /// The member without which a document is none of this kind.
    private var member: String {
        switch self {
        case .json: "info"
        case .provenance: "attestation_bundles"
        }
    }

    /// Checks that a document is JSON of this kind.
    ///
    /// - Returns: Its serial, which only the JSON API has.
    @discardableResult
    func check(_ document: UpstreamDocument) throws(DocumentFault) -> Int64? {
        var reader = DocumentReader(document.bytes)
        var isOfThisKind = false
        var serial: Int64?
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let kind = try reader.kind()
            if key.equals(member, in: document.bytes), kind == .object || kind == .array {
                isOfThisKind = true
            }
            let value = try reader.value()
            if key.equals("last_serial", in: document.bytes) {
                serial = Serial.number(document.bytes[value])
            }
        }
        try reader.finish()
        guard isOfThisKind else { throw DocumentFault("the document is not what was asked for") }
        return serial
    }

}
