import Testing

/// All tests over sockets, one after the other: each blocks a thread of Swift's pool, and there
/// may be only two.
@Suite(.serialized, .timeLimit(.minutes(5))) enum ServerTests {}
