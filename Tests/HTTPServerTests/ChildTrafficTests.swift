import Testing

@testable import HTTPServer

struct ChildTrafficTests {
    /// Input and output pipes are temporarily full: each direction must be resumed separately.
    @Test(.timeLimit(.minutes(30)))
    func `a child process that writes while it reads never stalls`() async throws {
        let input = [UInt8](repeating: 65, count: 700_000)
        // At most 40 run at a time: the descriptor limit may be 256.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<400 {
                if index >= 40, let count = try await group.next() { #expect(count == input.count) }
                group.addTask { try await SubprocessConfiguration("/bin/cat").run(input: input).output.count }
            }
            for try await count in group { #expect(count == input.count) }
        }
    }
}
