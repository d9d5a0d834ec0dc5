import Backends
import Configuration
import Engine
import FoundationEssentials
import HTTPModel
import PyPI

/// PyPI's mounts: the index behind `/pypi/simple/`, and one for each named index.
enum PyPIMounts {
    static func mounts(_ settings: Settings) throws(StartFailure) -> [Mount] {
        let pypi = settings.pypi
        guard let simple = pypi.upstream.url ?? AbsoluteURL(PyPIDefaults.simple) else {
            throw StartFailure("pypi.upstream is no URL")
        }
        var mounts = [
            try mount("pypi.upstream", ["pypi"], simple, pypi.main, owned(in: pypi), settings)
        ]
        for index in pypi.indexes {
            guard let url = index.source.upstream.url else { continue }
            mounts.append(
                try mount(
                    "pypi.indexes.\(index.name)", ["pypi", index.name], url, index.source,
                    owned(in: pypi, except: index), settings))
        }
        return mounts
    }

    private static func mount(
        _ key: String, _ path: [String], _ simple: AbsoluteURL, _ source: Settings.PyPI.Source,
        _ elsewhere: OwnedNames, _ settings: Settings
    ) throws(StartFailure) -> Mount {
        let upstream = source.upstream
        guard
            let index = PyPIUpstream(
                simple: simple, files: source.files, hosts: upstream.hosts.map(\.description),
                forbidden: source.isAbsentWhenForbidden ? .absent : .refused,
                empty: source.isAbsentWhenEmpty ? .absent : .project)
        else { throw StartFailure("\(key): its URL and its files must end in a slash") }
        return Mount(
            path: path,
            adapter: PyPIAdapter(mount: path, upstream: index, elsewhere: elsewhere),
            policy: upstream.policy(home: simple, named: [index.files.origin]),
            freshness: upstream.freshness(settings))
    }

    /// The names that the other indexes own.
    private static func owned(
        in pypi: Settings.PyPI, except own: Settings.PyPI.Index? = nil
    ) -> OwnedNames {
        var names = OwnedNames()
        for index in pypi.indexes where index.name != own?.name {
            names.add(index.owns, of: index.name)
        }
        return names
    }
}

extension Configuration.Credential {
    /// The value of the Authorization field (RFC 6750, RFC 7617).
    var authorization: Backends.Credential {
        switch self {
        case .token(let token): .init(authorization: "Bearer \(token.revealed())")
        case .basic(let username, let password):
            .init(
                authorization: "Basic "
                    + Data("\(username):\(password.revealed())".utf8).base64EncodedString())
        }
    }
}
