import Testing

/// The binary as users have it, between real clients and an upstream of the test's own.
///
/// One test at a time: several of them measure, and the machine may have two cores only.
@Suite(
    .serialized,
    .enabled(if: Machine.hasBinary || Machine.mustRunAll, "LARDER_BINARY names no binary"))
struct EndToEnd {}
