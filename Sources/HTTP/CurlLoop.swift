internal import CCurl
import Essentials
import Synchronization

/// Runs all transfers of the process on one thread, over one pool of connections (libcurl's multi interface). While
/// nothing happens on any connection the thread sleeps.
final class CurlLoop: Sendable {
    static let shared = CurlLoop()

    enum Command: Sendable {
        case start(RequestTask)
        case stop(RequestTask)
        /// The reader has read, or the body's writer has written.
        case resume(RequestTask)
    }

    private let commands = Mutex<[Command]>([])
    private let isEnding = Atomic<Bool>(false)
    private let hasEnded = DispatchSemaphore(value: 0)
    /// All transfers. Only the loop's thread uses it, except for `curl_multi_wakeup`, which libcurl allows on any thread.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?  // only the loop's thread uses it
    /// TLS sessions, so that a second connection to a host is cheaper. Only the loop's thread uses it.
    nonisolated(unsafe) private let share: UnsafeMutableRawPointer?  // only the loop's thread uses it

    /// Idle connections that are kept for later requests, of all hosts; the oldest one gives way to another. More than a
    /// process ever has unless it speaks to hundreds of servers, as the tests do.
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
        // OpenSSL frees its state at exit; registered after it, this comes before that.
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

    /// Ends the thread, for the end of the process.
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

/// The transfers that the loop's thread runs. Used by that thread alone.
private final class CurlTransfers {
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private var byTask: [ObjectIdentifier: CurlTransfer] = [:]
    private var byHandle: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    /// Origins whose connections cannot carry several requests at a time.
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
            task.end(.unreachable(host: task.host, "libcurl has no memory left"))
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

    /// Moves bytes, and ends what is complete.
    func perform() {
        var (running, left) = (Int32(0), Int32(0))
        curl_multi_perform(multi, &running)
        while let message = curl_multi_info_read(multi, &left) {
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

    /// Ends what has taken too long.
    /// - Returns: milliseconds until this must be asked again, unless something happens.
    func checkTimeouts() -> Int32 {
        let now = ContinuousClock.now
        var next = now + .seconds(3600)
        for transfer in byHandle.values {
            guard let end = transfer.timeout(at: now) else {
                transfer.isOverdue = false
                next = min(next, transfer.clock.nextDeadline ?? next)
                continue
            }
            // Once more, after all that has arrived was taken: it may be this thread that was late.
            if transfer.isOverdue {
                transfer.task.end(end.failure)
                remove(transfer)
            } else {
                (transfer.isOverdue, next) = (true, now)
            }
        }
        // Rounded up: a moment too early would be asked again at once, and again.
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
