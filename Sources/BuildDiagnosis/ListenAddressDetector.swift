/// The address that an app listens on, read from its log.
struct ListenAddressDetector {
    /// The hosts that were logged; of `http://0.0.0.0:7860` the part before the port.
    private var hosts: Set<String> = []
    private var port: Int?
    /// How to set the listen address of this server; `nil` if the server is not known.
    private var flags: String?
    /// Whether a `localhost` in the log is really loopback only, as with Vite.
    private var isLocalOnly = false

    private static let markers: LinePattern = [
        "running on|running at|listening|started server|server started|ready on|available at|local:",
        "serving|development server at",
    ]
    private static let isLocal: LinePattern = "use --host to expose"
    private static let portPattern: LinePattern = "port {port}"

    /// Whether the log contains a port.
    var hasPort: Bool { port != nil }

    init(_ run: [String]) {
        for text in RuntimeErrors.sinceStart(run) {
            let line = NormalizedLine(text)
            if line.has(Self.isLocal) { isLocalOnly = true }
            if let server = Self.servers.first(where: { $0.mark.matches(line) }) { flags = server.flags }
            guard line.has(Self.markers), !line.isWarning else { continue }
            if let (host, port) = Self.address(in: text) {
                hosts.insert(host)
                self.port = port
            } else if let port = Self.portPattern.captures(in: line)?["port"].flatMap({ Int($0) }) {
                hosts.insert("?")
                self.port = port
            }
        }
    }

    /// Returns why a running app does not respond. An app that logged no port is assumed to start
    /// too slowly.
    func explanation(_ context: FailureContext) -> Explanation {
        let expectedPort = context.appPort ?? 7860
        if let port, port != expectedPort {
            return Explanation(
                cause: .port,
                why: isLoopbackOnly
                    ? "the app listens on 127.0.0.1:\(port), but the Hub connects to port \(expectedPort) from outside the container"
                    : "the app listens on port \(port), but the Hub connects to port \(expectedPort)",
                fix: isLoopbackOnly
                    ? "let the app listen on 0.0.0.0:\(expectedPort)\(flagsHint(expectedPort)); or on 0.0.0.0:\(port), with card = app_port: \(port) in the settings"
                    : "set card = app_port: \(port) in the settings, or let the app listen on 0.0.0.0:\(expectedPort)\(flagsHint(expectedPort))"
            )
        }
        if isLoopbackOnly {
            let examples =
                " (uvicorn --host 0.0.0.0, server_name=\"0.0.0.0\" in Gradio, HOSTNAME=0.0.0.0 in Next.js)"
            return Explanation(
                cause: .loopback,
                why: "the app listens on 127.0.0.1:\(expectedPort), where the Hub cannot reach it",
                fix:
                    "let it listen on 0.0.0.0:\(expectedPort)\(flags == nil ? examples : flagsHint(expectedPort))"
            )
        }
        return Explanation(
            cause: .startTimeout, why: "the app did not respond on 0.0.0.0:\(expectedPort) in time",
            fix:
                "do less before the app listens (download models during the build), listen on 0.0.0.0:\(expectedPort), "
                + "or set card = startup_duration_timeout: 1h in the settings")
    }

    /// Whether the app listens on loopback only. `localhost` alone proves nothing: many servers
    /// print it for any address.
    private var isLoopbackOnly: Bool {
        port != nil
            && (hosts == ["127.0.0.1"] || isLocalOnly && hosts.isSubset(of: ["127.0.0.1", "localhost"]))
    }

    /// Returns ` (uvicorn … --host 0.0.0.0 --port 7860)`.
    private func flagsHint(_ port: Int) -> String {
        flags.map { " (\($0.replacing("PORT", with: String(port))))" } ?? ""
    }

    private static let servers: [(mark: LinePattern, flags: String)] = [
        (mark: "uvicorn running", flags: "uvicorn … --host 0.0.0.0 --port PORT"),
        (
            mark: "serving flask app",
            flags: "app.run(host=\"0.0.0.0\", port=PORT), or flask run --host=0.0.0.0 --port=PORT"
        ),
        (mark: "running on local url", flags: "launch(server_name=\"0.0.0.0\", server_port=PORT)"),
        (mark: "starting gunicorn", flags: "gunicorn --bind 0.0.0.0:PORT"),
        (mark: "starting development server", flags: "manage.py runserver 0.0.0.0:PORT"),
        (mark: "use --host to expose", flags: "vite --host 0.0.0.0 --port PORT"),
    ]

    private static func address(in text: String) -> (String, Int)? {
        let address = text.after("://") ?? text.after("listening on ") ?? text.after("listening at ") ?? ""
        let authority = address.prefix { !"/ ,;)".contains($0) }
        guard let colon = authority.lastIndex(of: ":"),
            let port = Int(authority[authority.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        return (String(authority[..<colon]), port)
    }
}
