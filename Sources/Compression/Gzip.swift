/// Compresses `content` to one gzip member, as ``Deflater`` does.
package func gzip(
    _ content: [UInt8], level: CompressionLevel = .standard
) throws(CompressionError) -> [UInt8] {
    var deflater = try Deflater(level: level)
    var output: [UInt8] = []
    try deflater.push(content, into: &output)
    try deflater.finish(into: &output)
    return output
}

/// Expands `content`, which must be exactly one gzip member.
///
/// - Throws: Also when the limits are passed, with the output thrown away.
package func gunzip(
    _ content: [UInt8], limits: ExpansionLimits
) throws(CompressionError) -> [UInt8] {
    var inflater = try Inflater(limits: limits)
    let output = try inflater.push(content)
    try inflater.finish()
    return output
}
