import Foundation
import Synchronization

/// A running program. Its standard input and output are one socket, so that a write to a program that is gone is an
/// error and no signal.
package final class Child: Sendable {
    private let process: Process
    private let stream: Socket
    private let complaints: Socket
    private let end: Ending

    // Two children started at once could inherit one another's ends and keep them open.
    private static let starting = Mutex(())

    package init(_ program: Program) throws {
        let end = Ending(), process = Process()
        process.executableURL = URL(fileURLWithPath: program.path)
        process.arguments = program.arguments
        process.environment = program.environment
        process.terminationHandler = { end.reach($0) }
        (stream, complaints) = try Self.starting.withLock { _ in
            try Self.checkDescriptors()
            let (stream, input) = try Socket.pair()
            defer { _ = systemClose(input) }
            let (complaints, errors) = try Socket.pair()
            defer { _ = systemClose(errors) }
            process.standardInput = FileHandle(fileDescriptor: input, closeOnDealloc: false)
            process.standardOutput = FileHandle(fileDescriptor: input, closeOnDealloc: false)
            process.standardError = FileHandle(fileDescriptor: errors, closeOnDealloc: false)
            try process.run()
            return (stream, complaints)
        }
        (self.process, self.end) = (process, end)
    }

    /// Throws when fewer descriptors are left than starting a program takes: Foundation's `Process` traps then.
    private static func checkDescriptors() throws {
        var taken: [Int32] = []
        defer { for descriptor in taken { _ = systemClose(descriptor) } }
        for _ in 0..<12 {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw SystemFailure("start a program") }
            taken.append(descriptor)
        }
    }

    /// The next bytes of its standard output; nil at the end.
    package func read() async throws -> [UInt8]? {
        do {
            return try await stream.read()
        } catch is Disconnected {
            // A program that ends without reading its input resets the socket; its output is over all the same.
            return nil
        }
    }

    /// Throws `Disconnected` when the program reads no more.
    package func write(_ bytes: [UInt8]) async throws { try await stream.write(bytes) }

    /// Tells the program that its input is over.
    package func finishInput() { stream.finishWriting() }

    /// Writes the whole input; a program that does not want it may leave it.
    package func feed(_ input: [UInt8]) async {
        try? await write(input)
        finishInput()
    }

    /// Its standard error up to the end, of which the first 64 KiB are kept.
    package func errors() async -> String {
        var kept: [UInt8] = []
        while let piece = try? await complaints.read() { kept += piece.prefix(max(0, 65_536 - kept.count)) }
        return String(decoding: kept, as: UTF8.self)
    }

    /// The exit code, once it ended; 128 and the signal's number when a signal ended it.
    package func status() async -> Int32 { await end.status() }

    /// Ends the program when the work throws or its task is cancelled.
    package func whileRunning<Result: Sendable>(
        _ work: @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            return try await withTaskCancellationHandler {
                try await work()
            } onCancel: {
                terminate()
            }
        } catch {
            terminate()
            throw error
        }
    }

    /// Lets the program come to its end without a reader; ends it when the time is over.
    func leave(within limit: Duration) async {
        finishInput()
        let alarm = Task {
            try await Task.sleep(for: limit)
            terminate()
        }
        while let piece = try? await read(), !piece.isEmpty {}
        alarm.cancel()
    }

    private func terminate() { if process.isRunning { process.terminate() } }
}

/// The end of a process, which may come before or after somebody waits for it.
private final class Ending: Sendable {
    private let state = Mutex((status: Int32?.none, waiting: [CheckedContinuation<Int32, Never>]()))

    func reach(_ process: Process) {
        let signal = process.terminationReason == .uncaughtSignal
        let status = signal ? 128 + process.terminationStatus : process.terminationStatus
        let waiting = state.withLock { state in
            state.status = status
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume(returning: status) }
    }

    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known: Int32? = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
