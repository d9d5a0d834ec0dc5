import Dispatch
import Foundation
import Support

/// A folder as an upstream on a loopback port that fails as it is told; see docs/outages.md.
@main
enum HostileUpstream {
    static func main() {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            let origin = try OriginStub(port: arguments.port)
            let folder = ServedFolder(arguments.folder)
            origin.fallback { request, _ in folder.answer(request) }
            let control = try OriginStub(port: arguments.controlPort)
            let faults = FaultControl(origin)
            for rule in arguments.faults { try faults.set(rule) }
            control.fallback { request, _ in faults.answer(request) }
            // Unbuffered, for a script that reads the ports from a pipe.
            write("upstream \(origin.base)/\ncontrol \(control.base)/", to: .standardOutput)
            withExtendedLifetime((origin, control)) { dispatchMain() }
        } catch let refusal as Refusal {
            write("\(refusal)", to: .standardError)
            exit(2)
        } catch {
            write("hostile-upstream: \(error)", to: .standardError)
            exit(1)
        }
    }

    private static func write(_ text: String, to file: FileHandle) {
        file.write(Foundation.Data((text + "\n").utf8))
    }
}

/// What is wrong with the arguments, or with what was sent to the control port.
struct Refusal: Error, CustomStringConvertible {
    let description: String
}
