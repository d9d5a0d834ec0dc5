extension OriginStub {
    /// A fault of the whole port that was asked for one path.
    package struct NotOfOnePath: Error {}

    /// Makes requests fail from now on, or answers them rightly again for nil.
    ///
    /// `pattern` is a path, or with a star at its end the beginning of many; the longest that fits
    /// counts. A fault of the port breaks all open connections; nil for all paths ends every fault.
    ///
    /// - Throws: ``NotOfOnePath``, ``LoopbackSocket/Failure``.
    package func fail(_ fault: Fault?, at pattern: String = "*") throws {
        if let fault, fault.isOfPort {
            guard pattern == "*" else { throw NotOfOnePath() }
            if fault == .refused { stop() } else { try stopAccepting() }
            return
        }
        // Made before a request waits for it.
        if fault == .gzipBomb { _ = Fault.bomb }
        changeFaults { faults in
            if fault == nil, pattern == "*" { faults.removeAll() }
            faults.removeAll { $0.pattern == pattern }
            if let fault { faults.append(FaultRule(pattern: pattern, fault: fault)) }
            faults.sort { $0.rank > $1.rank }
        }
        if pattern == "*", !isListening { try restart() }
    }
}
