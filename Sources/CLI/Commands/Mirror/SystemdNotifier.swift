import Essentials

/// What systemd is told of a service with `Type=notify` (sd_notify(3)); nothing where nobody listens.
struct SystemdNotifier: Sendable {
    private let path: String?
    /// How often it wants to hear that all is well; nil: not at all.
    let interval: Duration?

    init(_ environment: CommandEnvironment) {
        let path = environment["NOTIFY_SOCKET"]
        self.path = path
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init)
        interval = limit.flatMap { isMeant && path != nil && $0 > 0 ? .microseconds($0 / 2) : nil }
    }

    func send(_ text: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // An abstract name begins with a zero byte, and has no other.
        let name = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < room else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - room + name.count)
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

    /// Says that passes come for as long as they do.
    func sendWatchdog(_ health: MirrorHealth) async {
        guard let interval else { return }
        while (try? await Task.sleep(for: interval)) != nil {
            if !health.isStuck() { send("WATCHDOG=1") }
        }
    }
}
