import Digests
import Linux
import Testing

@testable import DiskStore

@Suite struct DescriptorTableTests {
    private func blob(_ number: UInt8) throws -> (digest: BlobDigest, file: OpenFile) {
        (.of([number]), try .memory([number]))
    }

    @Test("what was used since the last round stays, what was not goes first")
    func secondChance() throws {
        var table = DescriptorTable(capacity: 3)
        for number in UInt8(0)..<3 {
            let (digest, file) = try blob(number)
            #expect(table.keep(file, for: digest) == nil)
        }
        #expect(table.file(for: .of([0])) != nil)
        let (digest, file) = try blob(3)
        let gone = table.keep(file, for: digest)
        #expect(try gone?.read(at: 0, count: 1) == [1])
        #expect(table.count == 3)
        #expect(table.file(for: .of([1])) == nil)
        for number in [UInt8(0), 2, 3] {
            #expect(try table.file(for: .of([number]))?.read(at: 0, count: 1) == [number])
        }
        // Everything was used: the round takes all flags away and then finds the next one.
        let (last, lastFile) = try blob(4)
        #expect(table.keep(lastFile, for: last) != nil)
        #expect(table.count == 3)
        #expect(table.file(for: last) != nil)
    }

    @Test("a file of the same digest takes the older one's place")
    func replacement() throws {
        var table = DescriptorTable(capacity: 2)
        let (digest, file) = try blob(1)
        let (_, newer) = try blob(1)
        _ = table.keep(file, for: digest)
        #expect(table.keep(newer, for: digest) === file)
        #expect(table.file(for: digest) === newer)
        #expect(table.count == 1)
    }

    @Test("thousands of random steps agree with a plain dictionary, within the limit")
    func randomSteps() throws {
        var table = DescriptorTable(capacity: 8)
        let blobs = try (UInt8(0)..<20).map(blob)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let (digest, file) = blobs[Int.random(in: 0..<20, using: &random)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0: #expect((table.remove(digest) == nil) || table.file(for: digest) == nil)
            case 1: if table.count == 8 { #expect(table.removeAll().count == 8) }
            case 2...5:
                _ = table.keep(file, for: digest)
                #expect(table.file(for: digest) === file)
            default:
                if let found = table.file(for: digest) { #expect(found === file) }
            }
            #expect(table.count <= 8)
        }
    }
}
