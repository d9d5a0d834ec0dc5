/// A ``JSONReader`` for documents of an upstream: what is no JSON is a ``DocumentFault``.
package struct DocumentReader: Sendable {
    private var reader: JSONReader

    /// Starts at a value that was checked before, or at 0 for a whole document.
    package init(_ bytes: [UInt8], at position: Int = 0) {
        reader = JSONReader(bytes, at: position)
    }

    package var bytes: [UInt8] { reader.bytes }
    package var position: Int { reader.position }

    /// See ``JSONReader/kind()``.
    package mutating func kind() throws(DocumentFault) -> JSONReader.Kind {
        do { return try reader.kind() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/value()``.
    package mutating func value() throws(DocumentFault) -> Range<Int> {
        do { return try reader.value() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/string()``.
    package mutating func string() throws(DocumentFault) -> JSONText {
        do { return try reader.string() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/enterObject()``.
    package mutating func enterObject() throws(DocumentFault) {
        do { try reader.enterObject() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/enterArray()``.
    package mutating func enterArray() throws(DocumentFault) {
        do { try reader.enterArray() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/nextKey()``.
    package mutating func nextKey() throws(DocumentFault) -> JSONText? {
        do { return try reader.nextKey() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/nextMember()``.
    package mutating func nextMember() throws(DocumentFault) -> JSONMember? {
        do { return try reader.nextMember() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/nextElement()``.
    package mutating func nextElement() throws(DocumentFault) -> Bool {
        do { return try reader.nextElement() } catch { throw DocumentFault(error) }
    }

    /// See ``JSONReader/finish()``.
    package mutating func finish() throws(DocumentFault) {
        do { try reader.finish() } catch { throw DocumentFault(error) }
    }
}

extension DocumentFault {
    package init(_ fault: JSONFault) {
        self.init("the document is not the JSON that it should be: \(fault)")
    }
}
