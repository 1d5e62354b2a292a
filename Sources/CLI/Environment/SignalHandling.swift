import Essentials
import SpacesModel

/// Turns SIGINT, SIGTERM and SIGHUP into cancellation: work under way is cancelled, child processes
/// end, and `demo` cleans up.
enum SignalHandling {
    /// Set while a run handles signals: `demo` runs commands within a command, and only the
    /// outermost installs handlers.
    @TaskLocal private static var isGuarded = false

    /// Runs the work in a task that SIGINT, SIGTERM and SIGHUP cancel.
    /// - Parameter hangsUp: false if the caller handles SIGHUP.
    static func guarding(
        hangsUp: Bool = true, _ work: @escaping @Sendable () async throws(DeployError) -> Int
    ) async throws(DeployError) -> Int {
        guard !isGuarded else { return try await work() }
        let task = Task { () async -> Result<Int, DeployError> in
            await $isGuarded.withValue(true) {
                do throws(DeployError) { return .success(try await work()) } catch { return .failure(error) }
            }
        }
        let sources = ([SIGINT, SIGTERM] + (hangsUp ? [SIGHUP] : [])).map { signal in
            // The default action would end the process before the source receives the signal.
            Essentials.signal(signal, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal)
            source.setEventHandler { task.cancel() }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        let result = await task.value
        if task.isCancelled, case .failure(let failure) = result, failure.kind != .interrupted {
            throw DeployError(.interrupted, "interrupted")
        }
        return try result.get()
    }
}
