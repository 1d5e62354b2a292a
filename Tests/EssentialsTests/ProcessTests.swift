import Foundation
import Synchronization
import Testing

@testable import Essentials

struct ProcessTests {
    private func output(
        _ script: String, environment: [String: String] = [:], directory: String? = nil
    ) async throws -> (status: Int32, text: String) {
        let pipe = try #require(makePipe())
        let child = ChildProcess(
            "/bin/sh", ["-c", script], environment: environment, directory: directory,
            descriptors: [1: pipe.writing])
        close(pipe.writing)
        let process = WatchedProcess(try #require(child))
        let bytes = await withCheckedContinuation { continuation in
            startThread { continuation.resume(returning: readToEnd(of: pipe.reading) ?? []) }
        }
        close(pipe.reading)
        return (await process.waitForExit(), String(decoding: bytes, as: UTF8.self))
    }

    @Test func `a child process gets its arguments, environment and directory`() async throws {
        let result = try await output("echo $0 $A; pwd", environment: ["A": "b"], directory: "/usr")
        #expect(result.text == "/bin/sh b\n/usr\n")
        #expect(result.status == 0)
    }

    @Test func `the status is the exit code, or 128 plus the signal number`() async throws {
        #expect(try await output("exit 7").status == 7)
        #expect(try await output("kill -KILL $$").status == 137)
    }

    @Test func `a child process inherits only the descriptors passed to it`() async throws {
        let open = try (0..<4).map { _ in
            let file = Essentials.open("/dev/null", O_RDONLY)
            return try #require(file >= 0 ? file : nil)
        }
        defer { for file in open { close(file) } }
        // Standard streams are 0 to 2; `ls` opens 3 for the directory.
        let result = try await output("exec ls /proc/self/fd")
        let numbers = result.text.split(separator: "\n").compactMap { Int($0) }
        #expect(numbers.filter { $0 > 3 }.isEmpty, "\(numbers)")
    }

    @Test func `a child process inherits no blocked signals`() async throws {
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let pipe = makePipe()
        let child = ChildProcess(
            "/bin/grep", ["SigBlk", "/proc/self/status"], environment: [:],
            descriptors: [1: pipe?.writing ?? -1])
        pthread_sigmask(SIG_SETMASK, &before, nil)
        let process = WatchedProcess(try #require(child))
        let openPipe = try #require(pipe)
        close(openPipe.writing)
        #expect(await process.waitForExit() == 0)
        let text = String(decoding: readToEnd(of: openPipe.reading) ?? [], as: UTF8.self)
        close(openPipe.reading)
        #expect(text.split(whereSeparator: \.isWhitespace).last == "0000000000000000")
    }

    /// With plain dup2(2) calls, the first would overwrite the source descriptor of the second.
    @Test func `descriptors passed to a child process can be swapped`() async throws {
        let pipe = try #require(makePipe())
        let (null, zero) = (open("/dev/null", O_RDONLY | O_CLOEXEC), open("/dev/zero", O_RDONLY | O_CLOEXEC))
        let child = ChildProcess(
            "/bin/sh", ["-c", "readlink /proc/$$/fd/\(null) /proc/$$/fd/\(zero)"],
            environment: ["PATH": "/usr/bin:/bin"], descriptors: [null: zero, zero: null, 1: pipe.writing])
        for file in [null, zero, pipe.writing] { close(file) }
        #expect(await WatchedProcess(try #require(child)).waitForExit() == 0)
        #expect(
            String(decoding: readToEnd(of: pipe.reading) ?? [], as: UTF8.self) == "/dev/zero\n/dev/null\n")
        close(pipe.reading)
    }

    @Test func `a missing program sets errno to ENOENT`() {
        let child = ChildProcess("/nothing/here", [], environment: [:], descriptors: [:])
        let reason = errno
        #expect(child == nil)
        #expect(reason == ENOENT)
    }

    @Test func `terminate ends the process`() async throws {
        let child = ChildProcess("/bin/sleep", ["600"], environment: [:], descriptors: [:])
        let process = WatchedProcess(try #require(child))
        process.terminate()
        #expect(await process.waitForExit() == 128 + SIGTERM)
        // The process id may have been reused, so no signal is sent.
        process.terminate()
    }

    @Test func `each of a hundred processes returns its own status`() async throws {
        let statuses = try await withThrowingTaskGroup(of: (Int32, Int32).self) { group in
            for code in Int32(0)..<100 {
                group.addTask {
                    let child = ChildProcess(
                        "/bin/sh", ["-c", "exit \(code)"], environment: [:], descriptors: [:])
                    return (code, await WatchedProcess(try #require(child)).waitForExit())
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(statuses.count == 100)
        #expect(statuses.allSatisfy { $0.key == $0.value })
    }
}

struct ThreadTests {
    private final class Counts: Sendable {
        let state = Mutex((now: 0, most: 0))
    }

    @Test func `a thread pool runs all its work on at most the limit of threads`() async {
        let pool = ThreadPool(limit: 3)
        let counts = Counts()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        pool.add {
                            counts.state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                            usleep(1_000)
                            counts.state.withLock { $0.now -= 1 }
                            continuation.resume()
                        }
                    }
                }
            }
        }
        #expect(counts.state.withLock { $0.now } == 0)
        #expect((1...3).contains(counts.state.withLock { $0.most }))
    }
}
