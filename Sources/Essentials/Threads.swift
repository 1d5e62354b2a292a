import Synchronization

/// Runs work that may block on a new thread, which blocks all signals.
package func startThread(_ work: @escaping @Sendable () -> Void) {
    let argument = Unmanaged.passRetained(ThreadWork(run: work))
    #if canImport(Glibc)
        var thread = pthread_t()
    #else
        var thread: pthread_t?
    #endif
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 1 << 20)
    // A new thread inherits the signal mask of the thread that creates it.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let failure = pthread_create(&thread, &attributes, { ThreadWork.enter($0) }, argument.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard failure != 0 else { return }
    // The system cannot start another thread, so the work runs on one of Dispatch's.
    argument.release()
    DispatchQueue.global().async(execute: work)
}

private final class ThreadWork: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) { self.run = run }

    static func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let argument { Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
    }
}

/// Thread pool for blocking work, with at most `limit` threads. Threads end when no work is queued.
package final class ThreadPool: Sendable {
    private let limit: Int
    private let state = Mutex<(running: Int, waiting: [@Sendable () -> Void])>((0, []))

    package init(limit: Int) { self.limit = limit }

    /// Queues work, which runs in the order of the calls as soon as a thread is free.
    package func add(_ work: @escaping @Sendable () -> Void) {
        let isNew = state.withLock { state in
            state.waiting.append(work)
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
        if isNew { startThread { [self] in while let work = next() { work() } } }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
