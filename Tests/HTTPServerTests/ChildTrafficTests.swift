import Testing

@testable import HTTPServer

struct ChildTrafficTests {
    /// Both directions of one stream are full at times, on and off: each must be woken for itself.
    @Test(.timeLimit(.minutes(30)))
    func `a child that answers while it is fed is never forgotten`() async throws {
        let input = [UInt8](repeating: 65, count: 700_000)
        // Forty at a time: the limit of descriptors may be 256.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<400 {
                if number >= 40, let count = try await group.next() { #expect(count == input.count) }
                group.addTask { try await SubprocessConfiguration("/bin/cat").run(input: input).output.count }
            }
            for try await count in group { #expect(count == input.count) }
        }
    }
}
