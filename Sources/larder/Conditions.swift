import Backends
import HTTPModel

/// How the upstreams and their documents are, in lines for the front page; nothing when all is well.
enum Conditions {
    /// One for each outage and drill, and one for the documents whose newer version is held back.
    static func lines(outages: [Outage], drills: [String], heldBack: Int) -> [String] {
        let failing = outages.map { outage in
            "\(outage.upstream) does not answer properly since \(Timestamp.text(outage.beganAt)); "
                + "requests served meanwhile: \(outage.servedCount)"
        }
        let waiting =
            heldBack == 0
            ? [] : ["documents whose new version is held back: \(heldBack); see `larder accept`"]
        return failing + drills.map { "\($0) is cut off by a drill" } + waiting
    }
}
