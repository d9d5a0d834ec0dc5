internal import Backends
internal import CCurl
internal import HTTPModel

/// Kept connections, apart for each upstream's credential and rules.
///
/// libcurl would share one pool among all transfers and tell connections apart by their options;
/// that is where many of its advisories are. Here a connection is used again only by the same
/// upstream with the same credential (rule U3 of the reliability study). For the loop's thread
/// alone, so libcurl's shares need no locks.
@safe struct ConnectionPools: ~Copyable {
    /// Pools that are kept; transfers of further upstreams do not reuse connections.
    static let limit = 64

    private struct Key: Hashable {
        let home: AbsoluteURL.Origin
        let named: Set<AbsoluteURL.Origin>
        let allowsPrivateAddresses: Bool
        /// Those that may have private addresses.
        let privateHosts: Set<String>
        let authorization: String?
        /// Apart from the others, and together: each token is of its one origin, and soon ends.
        let bearsToken: Bool
        /// Not to find an HTTP/2 connection where one of its own is wanted.
        let isMultiplexed: Bool
    }

    private var pools: [Key: UnsafeMutableRawPointer] = unsafe [:]

    /// Drop it after every easy handle and before the multi handle.
    deinit {
        unsafe pools.values.forEach { unsafe _ = curl_share_cleanup($0) }
    }

    /// Gives the exchange the connections of its upstream.
    mutating func enlist(_ exchange: Exchange) throws(CurlError) {
        let policy = exchange.transfer.request.policy
        let key = Key(
            home: policy.home, named: policy.named,
            allowsPrivateAddresses: policy.allowsPrivateAddresses,
            privateHosts: policy.allowsPrivateAddresses ? policy.hosts : [],
            authorization: policy.credential?.authorization,
            bearsToken: exchange.transfer.request.token != nil,
            isMultiplexed: Multiplexing.isAllowed(for: exchange.transfer.request))
        if let pool = unsafe pools[key] {
            unsafe try exchange.handle.set(CURLOPT_SHARE, pool)
            return
        }
        guard unsafe pools.count < Self.limit, let pool = unsafe curl_share_init() else {
            try exchange.handle.set(CURLOPT_FRESH_CONNECT, 1)
            try exchange.handle.set(CURLOPT_FORBID_REUSE, 1)
            return
        }
        unsafe pools[key] = pool
        for what in [CURL_LOCK_DATA_CONNECT, CURL_LOCK_DATA_SSL_SESSION] {
            guard unsafe shim_curl_share(pool, what) == CURLSHE_OK else {
                throw CurlError(code: CURLE_OUT_OF_MEMORY)
            }
        }
        unsafe try exchange.handle.set(CURLOPT_SHARE, pool)
    }
}
