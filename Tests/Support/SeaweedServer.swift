import Foundation
import Linux

/// SeaweedFS: a real store that speaks S3 and checks signatures, on loopback ports of its own.
///
/// It ends when this process does, or when it is dropped, and takes what it stored with it.
package final class SeaweedServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package static let keyID = "testkey"
    package static let secret = "testsecret123"
    package static let bucket = "larder-test"

    private static let folder =
        (ProcessInfo.processInfo.environment["LARDER_CLIENTS"] ?? "") + "/seaweedfs"
    package static let isInstalled =
        FileManager.default.fileExists(atPath: folder + "/installed")

    /// Scheme, address and port, without a slash at the end.
    package let endpoint: String
    private let filerPort: UInt16
    package var processIdentifier: Int32 { process.processIdentifier }
    private let process: Process
    // Closing it ends the server.
    private let input: Pipe

    /// Starts the server; blocks until it answers, some seconds.
    package init() throws {
        let ports = try Self.freePorts(4)
        endpoint = "http://127.0.0.1:\(ports[0])"
        filerPort = UInt16(ports[3])
        input = Pipe()
        let output = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.folder + "/bin/python")
        process.arguments =
            ["-c", Self.program, Self.folder + "/bin/weed", Self.keyID, Self.secret, Self.bucket]
            + ports.map(String.init)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        try? output.fileHandleForWriting.close()
        let answer = output.fileHandleForReading.availableData
        let text = String(decoding: answer, as: UTF8.self)
        guard text.hasPrefix("ready") else {
            throw Failure(description: "SeaweedFS did not start: \(text)")
        }
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Stops it, and waits until it has.
    package func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// How many names there are in a folder of the bucket, 1,000 at most; asks no S3.
    package func nameCount(below folder: String) throws -> Int {
        let socket = try LoopbackSocket.connected(to: filerPort)
        _ = socket.write(
            """
            GET /buckets/\(Self.bucket)/\(folder)/?limit=1000 HTTP/1.0\r
            Accept: application/json\r\n\r\n
            """)
        var answer: [UInt8] = []
        while case let piece = socket.read(), !piece.isEmpty { answer += piece }
        return String(decoding: answer, as: UTF8.self).split(separator: "\"FullPath\"").count - 1
    }

    /// Ports that are free, and free 10,000 above, where each service has another one; all below
    /// those that connections get.
    private static func freePorts(_ count: Int) throws -> [Int] {
        var ports: [Int] = []
        for _ in 0..<1_000 where ports.count < count {
            let port = Int.random(in: 11_000..<20_000)
            guard !ports.contains(port), isFree(port), isFree(port + 10_000) else { continue }
            ports.append(port)
        }
        guard ports.count == count else { throw Failure(description: "no free ports") }
        return ports
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let socket = try? LoopbackSocket.listening(port: UInt16(port)) else { return false }
        socket.shutDown()
        return true
    }

    private static let program = #"""
        import json, os, shutil, subprocess, sys, tempfile, time, urllib.request

        weed, key, secret, bucket, s3, master, volume, filer = sys.argv[1:]
        folder = tempfile.mkdtemp(prefix="larder-seaweed-")
        with open(folder + "/s3.json", "w") as file:
            json.dump({"identities": [{"name": "t", "actions": ["Admin", "Read", "Write", "List"],
                "credentials": [{"accessKey": key, "secretKey": secret}]}]}, file)
        server = subprocess.Popen([weed, "server", "-dir=" + folder, "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", "-master.port=" + master, "-volume.port=" + volume, "-filer",
            "-filer.port=" + filer, "-s3", "-s3.port=" + s3, "-s3.config=" + folder + "/s3.json",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=20",
            "-master.volumeSizeLimitMB=64"],
            stdin=subprocess.DEVNULL, stdout=open(folder + "/log", "wb"), stderr=subprocess.STDOUT,
            cwd=folder)
        def complain():
            print(open(folder + "/log", errors="replace").read()[-2000:], flush=True)
            sys.exit(1)
        try:
            for _ in range(600):
                time.sleep(0.1)
                try:
                    urllib.request.urlopen("http://127.0.0.1:" + s3 + "/healthz", timeout=2)
                    break
                except OSError:
                    if server.poll() is not None: complain()
            else:
                complain()
            subprocess.run([weed, "shell", "-master=127.0.0.1:" + master,
                "-filer=127.0.0.1:" + filer], input=f"s3.bucket.create -name {bucket}\n".encode(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, cwd=folder)
            # The master may not know yet where the bucket's files can be put.
            place = "http://127.0.0.1:" + filer + "/buckets/" + bucket + "/first"
            for _ in range(300):
                try:
                    put = urllib.request.Request(place, b"first", method="PUT")
                    urllib.request.urlopen(put, timeout=10).close()
                    with urllib.request.urlopen(place, timeout=10) as answer:
                        if answer.read() == b"first": break
                except OSError:
                    if server.poll() is not None: complain()
                time.sleep(0.1)
            else:
                complain()
            remove = urllib.request.Request(place, method="DELETE")
            urllib.request.urlopen(remove, timeout=10).close()
            print("ready", flush=True)
            sys.stdin.buffer.read()
        finally:
            server.kill()
            server.wait()
            shutil.rmtree(folder, ignore_errors=True)
        """#
}
