internal import Backends
internal import CacheRules
internal import HTTPModel
internal import Resources

extension DocumentFill {
    /// Updates the stored headers and times (RFC 9111 section 4.3.4).
    func freshen(_ response: UpstreamResponse) async throws(FillFailure) {
        response.body.cancel()
        // Nobody asked with a validator: an answer to nothing.
        guard let validated, validated.headers["etag"] ?? validated.headers["last-modified"] != nil
        else { throw .upstreamAnswered(status: 304) }
        engine.note(.success, for: health)
        var fields = response.headers
        // With another tag, should the 304 name one, we would hold on to these bytes for ever.
        fields.remove("etag")
        await freshen(validated, fields)
    }

    func freshen(_ document: StoredResponse, _ fields: Headers) async {
        var fresh = document
        var headers = fresh.headers
        // How old the old answer was says nothing of the new one; without Date it is of this moment
        // (RFC 9110 section 6.6.1).
        headers.remove("age")
        headers.remove("date")
        for name in keptFields where name != "content-type" {
            if let value = fields.combined(name) { headers.replace(name, value) }
        }
        fresh.headers = headers
        fresh.validatedAt = engine.time.now
        fresh.lifetimeSeconds = lifetime(headers)
        fresh.withdrawnAt = nil
        fresh.endRefusing()
        await endHoldingBack(&fresh)
        await engine.renew(fresh)
    }
}
