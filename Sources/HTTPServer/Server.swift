import Essentials

/// A small HTTP/1.1 server. Handlers are values; this actor alone owns sockets.
package actor Server {
    package struct Options: Sendable {
        /// A client that says nothing for so long is hung up on.
        package var idleLimit: Duration = .seconds(120)
        /// Connections served at once; others wait in the backlog of the listening socket.
        package var connectionLimit = 512
        /// Told of each exchange, before the last byte of the answer leaves.
        package var observer: Observer = { _ in }

        package init() {}
    }

    package typealias Observer = @Sendable (AccessLogEntry) async -> Void

    /// The port that is listened on.
    package nonisolated let port: UInt16
    private let running: Task<Void, Never>

    /// Serves from now on, and returns.
    package init(_ listener: Listener, _ options: Options = Options(), handler: @escaping Handler) {
        port = listener.port
        running = Task {
            await withDiscardingTaskGroup { group in
                let slots = ConnectionSlots(options.connectionLimit)
                var last = 0
                while await slots.acquire() {
                    guard let socket = await listener.accept() else { break }
                    last += 1
                    let number = last
                    group.addTask {
                        await Connection(socket, number, options, handler: handler).serve()
                        slots.release()
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Stops listening, cancels what is under way, and returns when all is over.
    package func stop() async {
        running.cancel()
        await running.value
    }

    deinit { running.cancel() }
}
