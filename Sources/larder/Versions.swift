import Compression
import Digests
import PostgresStore
import SQLiteStore
import Upstream
import YAML

/// What `larder version` prints.
enum Versions {
    static var text: String {
        """
        larder \(Larder.version)
        \(CurlClient.libraryVersion)
        sqlite \(SQLiteMetadata.libraryVersion)
        libpq \(PostgresMetadata.libraryVersion)
        \(CryptoLibrary.version)
        zlib \(ZlibLibrary.version)
        yaml \(YAMLLibrary.version)

        """
    }
}
