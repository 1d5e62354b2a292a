/// Where an app says that it listens.
struct Listening {
    /// `http://0.0.0.0:7860`: the last of each that was told.
    private var hosts: Set<String> = []
    private var port: Int?

    private static let marks = [
        "running on", "listening", "started server", "server started", "ready on", "available at", "local:",
        "serving",
    ]

    init(_ run: [String]) {
        for text in RunErrors.sinceStart(run) {
            let line = SearchedLine(text)
            guard line.has(anyOf: Self.marks), !line.isWarning else { continue }
            if let (host, port) = Self.address(in: text) {
                hosts.insert(host)
                self.port = port
            } else if let port = text.after("port ")?.firstWord.flatMap({ Int($0) }) {
                hosts.insert("?")
                self.port = port
            }
        }
    }

    /// Why an app that runs is not answered; one that says nothing of a port only takes too long, as far as one knows.
    func explanation(_ symptoms: Symptoms) -> Explanation {
        let wanted = symptoms.appPort ?? 7860
        if let port, port != wanted {
            return Explanation(
                cause: .port, why: "the app listens on port \(port), and the Hub asks \(wanted)",
                mend: isHidden
                    ? "let the app listen on 0.0.0.0:\(wanted); on 127.0.0.1 the Hub cannot reach it at any port"
                    : "card = app_port: \(port) of the target, or let the app listen on 0.0.0.0:\(wanted)")
        }
        if isHidden {
            return Explanation(
                cause: .loopback, why: "the app listens on 127.0.0.1, where the Hub cannot reach it",
                mend:
                    "let it listen on 0.0.0.0 (uvicorn --host 0.0.0.0, server_name=\"0.0.0.0\" in Gradio, HOSTNAME=0.0.0.0 in Next.js)"
            )
        }
        return Explanation(
            cause: .startTimeout, why: "the app did not answer on 0.0.0.0:\(wanted) in time",
            mend: "do less before it listens (fetch models while building), listen on 0.0.0.0:\(wanted), "
                + "or card = startup_duration_timeout: 1h of the target")
    }

    /// Inside the container alone. `localhost` is what many a server says of any address.
    private var isHidden: Bool { port != nil && hosts == ["127.0.0.1"] }

    private static func address(in text: String) -> (String, Int)? {
        let rest = text.after("://") ?? text.after("listening on ") ?? text.after("listening at ") ?? ""
        let authority = rest.prefix { !"/ ,;)".contains($0) }
        guard let colon = authority.lastIndex(of: ":"),
            let port = Int(authority[authority.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        return (String(authority[..<colon]), port)
    }
}
