import Essentials

/// A small HTTP/1.1 server, which accepts connections and passes their requests to a handler.
package actor Server {
    package struct Options: Sendable {
        /// The time without input after which a connection is closed.
        package var idleLimit: Duration = .seconds(120)
        /// The most concurrent connections; further ones wait in the backlog of the listening socket.
        package var connectionLimit = 512
        /// Called for each request, before the last byte of the response is sent.
        package var observer: Observer = { _ in }

        package init() {}
    }

    package typealias Observer = @Sendable (AccessLogEntry) async -> Void

    /// The port of the listening socket.
    package nonisolated let port: UInt16
    private let running: Task<Void, Never>

    /// Starts serving in the background.
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

    /// Stops listening, cancels the running requests, and waits until they have ended.
    package func stop() async {
        running.cancel()
        await running.value
    }

    deinit { running.cancel() }
}
