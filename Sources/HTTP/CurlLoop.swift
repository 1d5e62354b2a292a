internal import CCurl
import Essentials
import Synchronization

/// Event loop that runs all transfers of the process on one thread with one connection pool (libcurl's multi
/// interface). The thread sleeps while no connection is active.
final class CurlLoop: Sendable {
    static let shared = CurlLoop()

    enum Command: Sendable {
        case start(RequestTask)
        case stop(RequestTask)
        /// The response buffer was read, or the request body has new bytes.
        case resume(RequestTask)
    }

    private let commands = Mutex<[Command]>([])
    private let isEnding = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)
    /// The libcurl multi handle. Used only on the loop's thread, except for `curl_multi_wakeup`, which
    /// libcurl allows on any thread.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?  // other threads only wake it
    /// The shared TLS session cache, which makes a second connection to a host cheaper. Used only on
    /// the loop's thread.
    nonisolated(unsafe) private let share: UnsafeMutableRawPointer?  // only the loop's thread uses it

    /// The most idle connections that are kept, over all hosts; the oldest is closed first. Only
    /// processes that connect to hundreds of servers, such as the tests, reach this limit.
    private static let maxCachedConnections = 400

    private init() {
        guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else {
            (multi, share) = (nil, nil)
            return
        }
        (multi, share) = (curl_multi_init(), curl_share_init())
        guard let multi else { return }
        _ = spacesync_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.maxCachedConnections)
        _ = spacesync_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        if let share { _ = spacesync_curl_share(share, CURL_LOCK_DATA_SSL_SESSION) }
        startThread { [self] in run() }
        // OpenSSL frees its state at exit. Exit handlers run in reverse order, so the thread stops
        // before that.
        atexit { CurlLoop.shared.end() }
    }

    func send(_ command: Command) {
        guard let multi else {
            if case .start(let task) = command {
                task.end(.unreachable(host: task.host, "libcurl cannot be initialised"))
                task.release()
            }
            return
        }
        let isFirst = commands.withLock { commands in
            commands.append(command)
            return commands.count == 1
        }
        if isFirst { curl_multi_wakeup(multi) }
    }

    /// Stops the thread before the process exits; waits at most 500 ms.
    private func end() {
        guard let multi else { return }
        isEnding.store(true, ordering: .sequentiallyConsistent)
        curl_multi_wakeup(multi)
        _ = hasEnded.wait(timeout: .now() + .milliseconds(500))
    }

    private func run() {
        guard let multi else { return }
        let transfers = CurlTransfers(multi, share)
        while !isEnding.load(ordering: .sequentiallyConsistent) {
            for command in commands.withLock({ commands in
                defer { commands = [] }
                return commands
            }) { transfers.execute(command) }
            transfers.perform()
            let wait = transfers.checkTimeouts()
            curl_multi_poll(multi, nil, 0, wait, nil)
        }
        hasEnded.signal()
    }
}

/// The running transfers. Used only on the loop's thread.
private final class CurlTransfers {
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private var byTask: [ObjectIdentifier: CurlTransfer] = [:]
    private var byHandle: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    /// Origins whose connections do not support multiplexing.
    private var unshared: Set<Origin> = []

    init(_ multi: UnsafeMutableRawPointer, _ share: UnsafeMutableRawPointer?) {
        (self.multi, self.share) = (multi, share)
    }

    func execute(_ command: CurlLoop.Command) {
        switch command {
        case .start(let task): start(task)
        case .stop(let task): if let transfer = byTask[ObjectIdentifier(task)] { remove(transfer) }
        case .resume(let task): byTask[ObjectIdentifier(task)]?.resume()
        }
    }

    private func start(_ task: RequestTask) {
        guard !task.isOver else { return task.release() }
        guard let transfer = CurlTransfer(task) else {
            task.end(.unreachable(host: task.host, "libcurl is out of memory"))
            return task.release()
        }
        do throws(HTTPError) {
            let isShared = Origin(task.request.url).map { !unshared.contains($0) } ?? false
            try transfer.configure(share: share, waitsForSharedConnection: isShared)
        } catch {
            transfer.close()
            task.end(error)
            return task.release()
        }
        (byTask[ObjectIdentifier(task)], byHandle[transfer.handle]) = (transfer, transfer)
        curl_multi_add_handle(multi, transfer.handle)
    }

    /// Transfers the available bytes, and ends the completed transfers.
    func perform() {
        var (running, remaining) = (Int32(0), Int32(0))
        curl_multi_perform(multi, &running)
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = byHandle[handle]
            else { continue }
            let result = message.pointee.data.result
            if let origin = Origin(transfer.task.request.url), transfer.isMultiplexed == false {
                unshared.insert(origin)
            }
            transfer.task.end(transfer.outcome(of: result))
            remove(transfer)
        }
    }

    /// Ends the transfers that exceeded a time limit.
    /// - Returns: milliseconds until the next check is due.
    func checkTimeouts() -> Int32 {
        let now = ContinuousClock.now
        var next = now + .seconds(3600)
        for transfer in byHandle.values {
            guard let end = transfer.timeout(at: now) else {
                transfer.isOverdue = false
                next = min(next, transfer.clock.nextDeadline ?? next)
                continue
            }
            // The transfer ends only if its limit is still exceeded after another round of reading:
            // this thread may have been late, with bytes already received.
            if transfer.isOverdue {
                transfer.task.end(end.failure)
                remove(transfer)
            } else {
                (transfer.isOverdue, next) = (true, now)
            }
        }
        // Rounded up: waking slightly too early would cause a busy loop.
        return Int32(clamping: Int64(max(0, (next - now) / .milliseconds(1)).rounded(.up)))
    }

    private func remove(_ transfer: CurlTransfer) {
        byTask[ObjectIdentifier(transfer.task)] = nil
        byHandle[transfer.handle] = nil
        curl_multi_remove_handle(multi, transfer.handle)
        transfer.close()
        transfer.task.release()
    }
}
