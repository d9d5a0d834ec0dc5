internal import HTTPModel

/// How the text of one setting becomes a value, and what to say when it does not.
struct ValueForm<Value: Sendable>: Sendable {
    enum Outcome: Sendable {
        case value(Value)
        /// Not of this form; `expected` says what would be.
        case wrong
        /// Understood, and refused with a sentence of its own.
        case refused(String)
    }

    enum Privacy: Sendable {
        case shown
        /// The text may hold a password (a URL), so a message does not repeat it.
        case hidden
    }

    /// What would be right, as the end of the sentence "must be …".
    let expected: String
    /// Stands in for a bad value until the problem is thrown, and never leaves this module.
    ///
    /// Only a setting that must have a value needs one.
    let placeholder: Value?
    let privacy: Privacy
    let parse: @Sendable (String) -> Outcome
    /// The value as `config show` prints it; reading that again gives the same value.
    var show: @Sendable (Value) -> String = { "\($0)" }

    init(
        _ expected: String, placeholder: Value? = nil, privacy: Privacy = .shown,
        parse: @escaping @Sendable (String) -> Outcome
    ) {
        self.expected = expected
        self.placeholder = placeholder
        self.privacy = privacy
        self.parse = parse
    }
}

extension ValueForm<Int> {
    static func number(_ range: ClosedRange<Int>, of unit: String = "") -> ValueForm {
        let what = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
        return ValueForm(
            "\(what) from \(range.lowerBound) to \(range.upperBound)", placeholder: range.lowerBound
        ) { text in
            guard !text.isEmpty, text.utf8.allSatisfy(isDigit), let number = Int(text),
                range.contains(number)
            else { return .wrong }
            return .value(number)
        }
    }

    static func seconds(_ range: ClosedRange<Int>) -> ValueForm { number(range, of: "seconds") }

    /// A size in bytes.
    static func size(atLeast least: Int) -> ValueForm {
        var form = ValueForm(
            "a size of at least \(byteSizeText(least)), as 500MB, 50GiB or plain bytes",
            placeholder: least
        ) { text in
            guard let bytes = byteSize(text), bytes >= least else { return .wrong }
            return .value(bytes)
        }
        form.show = byteSizeText
        return form
    }
}

extension ValueForm<Bool> {
    static var boolean: ValueForm {
        ValueForm("true or false", placeholder: false) { text in
            switch text {
            case "true": .value(true)
            case "false": .value(false)
            default: .wrong
            }
        }
    }
}

extension ValueForm<String> {
    /// A path; a relative one starts at `folder`, which is absolute.
    static func path(from folder: String) -> ValueForm {
        ValueForm("the path of a file or folder", placeholder: folder) { text in
            if text.hasPrefix("~") { return .refused("write ${HOME} instead of ~") }
            guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return .wrong }
            return .value(text.hasPrefix("/") ? text : "\(folder)/\(text)")
        }
    }

    static var userName: ValueForm {
        // RFC 7617 section 2: a user name cannot hold a colon or a control character.
        ValueForm("a user name without a colon", placeholder: "") { text in
            let isGood = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x3A }
            return isGood ? .value(text) : .wrong
        }
    }
}

extension ValueForm<ListenAddress> {
    static var address: ValueForm {
        ValueForm(
            "an address with a port, as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080",
            placeholder: ListenAddress(host: "127.0.0.1", port: 0)
        ) { text in ListenAddress(text).map { .value($0) } ?? .wrong }
    }
}

extension ValueForm<HostAndPort> {
    static var host: ValueForm {
        ValueForm("a host, as files.example or 10.0.0.7:8080") { text in
            HostAndPort(text).map { .value($0) } ?? .wrong
        }
    }
}

extension ValueForm<AddressBlock> {
    static var addressBlock: ValueForm {
        ValueForm("an address or a block of addresses, as 10.0.0.7, 10.0.0.0/8 or fd00::/8") {
            AddressBlock($0).map { .value($0) } ?? .wrong
        }
    }
}

extension ValueForm<AbsoluteURL> {
    /// A base that text can be appended to: its path ends in `/`, and there is no query.
    static var url: ValueForm {
        ValueForm(
            "a URL, as https://index.example/simple/, without user name, ? and #", privacy: .hidden
        ) { text in
            if let url = baseURL(text) { return .value(url) }
            guard userInformation(in: text) != nil else { return .wrong }
            return .refused("a URL must not hold credentials; they have keys of their own")
        }
    }
}

extension ValueForm<Proxy> {
    static var proxy: ValueForm {
        var form = ValueForm(
            "a URL, as http://proxy.example:3128 or http://user:password@proxy.example:3128",
            privacy: .hidden
        ) { text in Proxy(text).map { .value($0) } ?? .wrong }
        form.show = { proxy in
            guard proxy.credential != nil else { return "\(proxy.url)" }
            return "\(proxy.url.scheme.rawValue)://***@\(proxy.url.authority)/"
        }
        return form
    }
}
