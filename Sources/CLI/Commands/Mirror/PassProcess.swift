import Essentials
import Synchronization

/// A process of `mirror` that deploys all targets of a pass, or one of them, and reports over a socket. Whatever its input
/// does to it (memory, a crash in C code), it ends nothing but itself.
struct PassProcess: Sendable {
    /// How it ended.
    struct End: Sendable {
        var messages: [PassMessage] = []
        /// Its wait status; `nil` if it could not be started.
        var status: Int32?

        /// Targets that were under way.
        var unfinished: [String] {
            let ended = Set(messages.compactMap(\.ended))
            return messages.compactMap(\.began).filter { !ended.contains($0) }
        }
    }

    var arguments: [String]
    var environment: [String: String]
    /// False: its output is dropped.
    var inheritsOutput = true
    var onMessage: @Sendable (PassMessage) -> Void = { _ in }

    /// Runs it to its end. Cancelling the task asks it to end (SIGTERM) and still waits for it: a push under way gets its
    /// answer.
    func run() async -> End {
        guard let ends = Self.connectedSockets() else { return End() }
        var variables = environment
        variables[PassLink.linkVariable] = String(ends.child)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        let child = ChildProcess(
            ExecutablePath.running, arguments, name: "spacesync", environment: variables,
            // Under its own number, which no open file of the caller's has: settings may be read from /dev/fd/3.
            descriptors: inheritsOutput
                ? [ends.child: ends.child] : [0: null, 1: null, 2: null, ends.child: ends.child],
            inheritsOpenFiles: true)
        close(null)
        close(ends.child)
        guard let child else {
            close(ends.parent)
            return End()
        }
        return await withTaskCancellationHandler {
            let messages = await read(ends.parent)
            return End(messages: messages, status: await Self.status(of: child))
        } onCancel: {
            kill(child.id, SIGTERM)
        }
    }

    /// Two sockets that no process started meanwhile inherits: one that held the child's end would hide the child's end of
    /// life from the reader.
    private static func connectedSockets() -> (parent: Int32, child: Int32)? {
        var ends: [Int32] = [-1, -1]
        #if os(Linux)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        return socketpair(AF_UNIX, kind, 0, &ends) == 0 ? (ends[0], ends[1]) : nil
    }

    /// All messages up to the end of the process, which closes the socket.
    private func read(_ descriptor: Int32) async -> [PassMessage] {
        let (pieces, feed) = AsyncStream<[UInt8]>.makeStream()
        // A thread of its own, because no thread of a pool may block.
        startThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    feed.yield(Array(buffer[..<count]))
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            feed.finish()
        }
        // A task of its own, which no cancellation ends: the process is waited for.
        let reading = Task {
            var (messages, rest): ([PassMessage], [UInt8]) = ([], [])
            for await piece in pieces {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Data(rest[..<end])
                    rest.removeSubrange(...end)
                    guard let message = try? JSONDecoder().decode(PassMessage.self, from: line) else {
                        continue
                    }
                    messages.append(message)
                    onMessage(message)
                }
            }
            return messages
        }
        return await reading.value
    }

    /// The socket is closed at the very end of a process, moments before its status is there.
    private static func status(of child: ChildProcess) async -> Int32 {
        while true {
            if let status = child.pollExitStatus() { return status }
            let pause = Task { try? await Task.sleep(for: .milliseconds(2)) }
            _ = await pause.value
        }
    }
}

extension PassProcess {
    /// The signal's name and usual cause, for messages.
    static func description(ofSignal signal: Int32) -> String {
        switch signal {
        case SIGKILL: "was killed (signal 9), usually because the machine ran out of memory"
        case SIGSEGV: "crashed (SIGSEGV)"
        case SIGILL, SIGTRAP: "crashed (SIGILL)"
        case SIGABRT: "crashed (SIGABRT)"
        case SIGBUS: "crashed (SIGBUS)"
        default: "ended by signal \(signal)"
        }
    }
}
