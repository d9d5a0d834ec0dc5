import Configuration
import HTTPModel
import Metrics
import TLS

/// The certificate of this server: loaded at the start, and again when its files change.
///
/// Whoever renews it (cert-manager, certbot) replaces two files; between the two they do not belong
/// together. So what cannot be used is told once, the old certificate stays, and the next look may
/// find both.
struct CertificateKeeper {
    let acceptor: TLSAcceptor
    private let settings: Settings.TLS
    private let observer: Observer
    private let expiry: Gauge
    /// The bytes of both files of which the certificate in use is.
    private var used: [[UInt8]?]
    /// Those that were refused last, which is told once; a passing reason may be over at the next look.
    private var refused: [[UInt8]?]?
    private var loadedAt = ContinuousClock.now
    /// Replaced files are looked for this often; it costs a read of both.
    private static let interval = Duration.seconds(10)
    /// A new context has new keys for tickets, so that a stolen one opens a day's sessions at most.
    private static let longestUse = Duration.seconds(86_400)

    init(_ settings: Settings.TLS, _ observer: Observer) throws(StartFailure) {
        self.settings = settings
        self.observer = observer
        expiry = observer.registry.gauges(.certificateExpiry).with()
        used = Self.bytes(settings)
        do throws(TLSError) {
            let context = try Self.context(settings)
            acceptor = TLSAcceptor(context)
            tell(context)
        } catch {
            throw StartFailure(
                "tls: \(error) (\(settings.certificateFile), \(settings.keyFile))")
        }
    }

    /// Looks until the task is cancelled.
    consuming func run() async {
        while (try? await Task.sleep(for: Self.interval)) != nil { look() }
    }

    /// Takes the certificate that the files hold now, if they have changed.
    private mutating func look() {
        // Before it is loaded: what changes meanwhile is found by the next look.
        let bytes = Self.bytes(settings)
        guard bytes != used || loadedAt.duration(to: .now) > Self.longestUse else { return }
        do throws(TLSError) {
            let context = try Self.context(settings)
            acceptor.adopt(context)
            (used, refused, loadedAt) = (bytes, nil, .now)
            tell(context)
        } catch {
            guard refused != bytes else { return }
            refused = bytes
            observer.warn(
                "certificate-refused", ("reason", "\(error)"), ("hint", "the old one stays"))
        }
    }

    private func tell(_ context: TLSContext) {
        let end = context.expirySeconds
        expiry.set(Int(end ?? 0))
        observer.note(
            "certificate-loaded", ("not_after", end.map { Timestamp.text($0) } ?? "unknown"))
    }

    private static func bytes(_ settings: Settings.TLS) -> [[UInt8]?] {
        [settings.certificateFile, settings.keyFile].map { Larder.contents(of: $0) }
    }

    private static func context(_ settings: Settings.TLS) throws(TLSError) -> TLSContext {
        try TLSContext(
            certificateFile: settings.certificateFile, keyFile: settings.keyFile,
            minimum: settings.minimum == .version13 ? .version13 : .version12)
    }
}
