import Essentials

/// Notifications to systemd from a service with `Type=notify` (sd_notify(3)); sends nothing if
/// `NOTIFY_SOCKET` is not set.
struct SystemdNotifier: Sendable {
    private let path: String?
    /// The interval of watchdog notifications, half of systemd's limit; `nil` if none are expected.
    let interval: Duration?

    init(_ environment: CommandEnvironment) {
        let path = environment["NOTIFY_SOCKET"]
        self.path = path
        let isForThisProcess = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init)
        interval = limit.flatMap { isForThisProcess && path != nil && $0 > 0 ? .microseconds($0 / 2) : nil }
    }

    func send(_ text: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The name of an abstract socket starts with a zero byte and has no terminating one
        // (unix(7)).
        let name = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + name.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = withUnsafeBytes(of: &address) { bytes in
            Array(text.utf8).withUnsafeBytes { message in
                sendto(
                    descriptor, message.baseAddress, message.count, Int32(MSG_DONTWAIT),
                    bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
            }
        }
    }

    /// Sends watchdog notifications as long as passes are not stuck.
    func sendWatchdog(_ health: MirrorHealth) async {
        guard let interval else { return }
        while (try? await Task.sleep(for: interval)) != nil {
            if !health.isStuck() { send("WATCHDOG=1") }
        }
    }
}
