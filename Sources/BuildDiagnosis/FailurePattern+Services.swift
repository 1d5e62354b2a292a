extension FailurePattern {
    /// Databases and services that the app expects on the same machine: a Space's container runs
    /// nothing else.
    static let services: [FailurePattern] = [
        FailurePattern(
            "refused", "connect call failed", "cannot assign requested address",
            "can't reach database server",
            "failed to connect to ollama"
        ) { at in
            guard isRelevant(at), let service = refusedService(at) else { return nil }
            return missingService(service, "nothing answers at \(service.displayAddress)", at)
        },
        FailurePattern(
            "could not translate host name", "getaddrinfo enotfound", "getaddrinfo eai_again",
            "name or service not known",
            "temporary failure in name resolution"
        ) { at in
            guard isRelevant(at), !at.symptoms.isBuild, let host = unresolvedHost(at.text),
                HostPort.isLabel(host)
            else { return nil }
            let port = HostPort(of: host, in: at.text)?.port
            return missingService(
                DependentService(host: host, port: port, told: at.line),
                "there is no host \(host) in a Space", at)
        },
    ]

    /// Whether the line is an error: not a warning, and not from an app that listens already.
    private static func isRelevant(_ at: LogMatch) -> Bool {
        !at.isListening && !at.line.isWarning
            && !at.line.has(anyOf: ["upstream", "retrying in", "falling back", "curl: ("])
    }

    private static func refusedService(_ at: LogMatch) -> DependentService? {
        if at.line.has("failed to connect to ollama"), !at.line.has("://") {
            return DependentService(host: "localhost", port: 11_434, told: at.line)
        }
        let isSplit =
            HostPort(locally: at.text) == nil
            && (at.line.has("could not connect to server")
                || at.following(6).contains { $0.has("address: ") })
        let text = isSplit ? at.following(8).map(\.text).joined(separator: " ") : at.text
        guard let endpoint = HostPort(locally: text) else { return nil }
        let service = DependentService(host: endpoint.host, port: endpoint.port, told: at.line)
        guard let port = service.port, service.isKnown || !at.symptoms.isStartTimeout else { return nil }
        // The app's own port, a trace collector (4317, 4318), or a helper on an ephemeral port.
        let isOther = port == at.symptoms.appPort ?? 7860 || [4317, 4318].contains(port) || port >= 32_768
        return isOther ? nil : service
    }

    /// Returns the host that could not be resolved: `host name "db"`, `ENOTFOUND redis`,
    /// `connecting to redis:6379`, `mongo:27017: [Errno`.
    private static func unresolvedHost(_ text: String) -> String? {
        let host =
            text.after("host name ")?.quoted ?? text.after("getaddrinfo enotfound ")?.firstWord
            ?? text.after("getaddrinfo eai_again ")?.firstWord ?? text.after("connecting to ")?.firstWord
            ?? text.after("connect to host ")?.firstWord ?? text.after("server on ")?.quoted
            ?? text.before(": [errno")?.lastWord
        return host.map { String($0.prefix { $0 != ":" }) }
    }

    private static func missingService(_ service: DependentService, _ why: String, _ at: LogMatch)
        -> CauseCandidate
    {
        guard !at.symptoms.isBuild else {
            return CauseCandidate(
                cause: .localService, why: "\(why) while the image is built",
                fix: "let the app do this when it starts (in its CMD), not a RUN of the Dockerfile",
                confidence: .likely)
        }
        return CauseCandidate(
            cause: .localService,
            why: "\(why): a Space is one container, and only what its command starts runs in it",
            fix:
                "take a hosted \(service.name) and give the app its address (spacesync secrets set \(at.space) "
                + "\(service.variable)=env:\(service.variable), by the name that the app reads), "
                + "or start one in the container before the app",
            confidence: .likely)
    }
}
