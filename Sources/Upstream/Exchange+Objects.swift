internal import Backends
internal import CCurl
internal import HTTPModel

extension Exchange {
    /// Sets what is particular to a request to an object store.
    func configure(_ object: ObjectRequest) throws(CurlError) {
        let lines = object.headers.fields.compactMap { field -> String? in
            // libcurl writes the one of the URL, which is the one that was signed.
            guard field.name != "host", RequestFields.isSendable(field.value) else { return nil }
            return "\(field.name): \(field.value)"
        }
        // A field without a value keeps libcurl from sending one of its own.
        try handle.setHeaderLines(lines + ["Expect:"])
        switch object.method {
        case .get: break
        case .head: try handle.set(CURLOPT_NOBODY, 1)
        case .delete: try handle.set(CURLOPT_CUSTOMREQUEST, "DELETE")
        case .post: try handle.setContent(object.body)
        case .put: try setUpload(object.body)
        }
    }

    private func setUpload(_ body: [UInt8]) throws(CurlError) {
        try handle.set(CURLOPT_UPLOAD, 1)
        try handle.set(CURLOPT_INFILESIZE_LARGE, body.count)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe try handle.set(CURLOPT_READDATA, context)
        try CurlError.check(
            unsafe shim_curl_set_write(handle.pointer, CURLOPT_READFUNCTION, onUpload))
    }

    /// Copies the next piece of the request's body, and tells how long it is.
    @unsafe fileprivate func upload(into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = transfer.object?.body else { return 0 }
        let piece = body[uploadedByteCount..<min(body.count, uploadedByteCount + room.count)]
        unsafe room.copyBytes(from: piece)
        uploadedByteCount += piece.count
        contentMoved()
        return piece.count
    }
}

/// libcurl asks for more of the body.
///
/// It has no way to ask for an earlier part again: a connection
/// that dies with the body half sent ends the transfer, and the caller begins anew.
private func onUpload(
    room: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context = unsafe context else { return Int(CURL_READFUNC_ABORT) }
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    return unsafe exchange.upload(
        into: UnsafeMutableRawBufferPointer(start: room, count: size * count))
}
