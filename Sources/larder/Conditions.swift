import Backends

/// How the upstreams are, in lines for the front page; nothing when all is well.
enum Conditions {
    static func lines(outages: [Outage], drills: [String]) -> [String] {
        let failing = outages.map { outage in
            "\(outage.upstream) does not answer properly since \(Timestamp.text(outage.beganAt)); "
                + "requests served meanwhile: \(outage.servedCount)"
        }
        return failing + drills.map { "\($0) is cut off by a drill" }
    }
}
