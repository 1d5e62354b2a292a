import Essentials
import HTTP
import SpacesModel
import TextTools

/// Client of the Hub's API for one Space.
package struct HubSpace: SpaceRuntimeService {
    package let hub: HubClient
    package let space: SpaceID
    let clock: any Clock<Duration>

    package init(_ hub: HubClient, _ space: SpaceID, clock: any Clock<Duration> = ContinuousClock()) {
        (self.hub, self.space, self.clock) = (hub, space, clock)
    }

    var path: String { "/api/spaces/\(space)" }

    package func runtime() async throws(DeployError) -> Runtime {
        Runtime(try await hub.requestJSON("GET", path + "/runtime", about: space.description))
    }

    /// Fetches only the needed fields: the full response lists every file of the Space.
    package func info() async throws(DeployError) -> SpaceInfo {
        let query = ["sha", "sdk", "subdomain", "private", "runtime", "cardData"].map { "expand=\($0)" }
            .joined(
                separator: "&")
        let json = try await hub.requestJSON("GET", "\(path)?\(query)", about: space.description)
        return SpaceInfo(json, endpoint: hub.endpoint)
    }

    package func restart(factory: Bool) async throws(DeployError) -> Runtime {
        let query = factory ? "?factory=true" : ""
        return Runtime(try await hub.requestJSON("POST", path + "/restart" + query, about: space.description))
    }
}

extension Runtime {
    /// Parses the runtime. A missing stage is `UNKNOWN`, with which watching continues.
    init(_ json: JSON) {
        self.init(
            stage: Stage(rawValue: json["stage"].string ?? "UNKNOWN"),
            sha: json["sha"].string.flatMap { ObjectID($0) }, errorMessage: json["errorMessage"].string)
        hardware = json["hardware"]["current"].string
        requestedHardware = json["hardware"]["requested"].string
        // Present but not a number: the Space never sleeps.
        if let timeout = json.object?["gcTimeout"] {
            sleepTime =
                timeout.number.flatMap { Int(exactly: $0) }.flatMap(SleepTime.init(seconds:)) ?? .never
        }
    }
}

extension SpaceInfo {
    init(_ json: JSON, endpoint: URL) {
        let sdk = json["sdk"].string
        self.init(
            sha: json["sha"].string.flatMap { ObjectID($0) }, sdk: sdk,
            appURL: Self.appURL(json, sdk, endpoint),
            isPrivate: json["private"].bool ?? false,
            runtime: json["runtime"]["stage"].isNull ? nil : Runtime(json["runtime"]))
        appPort = json["cardData"]["app_port"].int
        visibility = json["visibility"].string
    }

    /// Returns the app's URL: the reported `host`, else the runtime's domain, else derived from the
    /// subdomain. `nil` if the Hub reports none of them.
    private static func appURL(_ json: JSON, _ sdk: String?, _ endpoint: URL) -> String? {
        if let host = json["host"].string, !host.isEmpty { return address(host) }
        let domains = json["runtime"]["domains"].array ?? []
        if let domain = domains.first(where: { $0["isCustom"].bool != true })?["domain"].string {
            return address(domain)
        }
        guard let subdomain = json["subdomain"].string else { return nil }
        if let origin = Origin(endpoint), origin.isLoopback {
            return "http://\(subdomain).\(sdk == "static" ? "static." : "")localhost:\(origin.port)"
        }
        return "https://\(subdomain)." + (sdk == "static" ? "static.hf.space" : "hf.space")
    }

    /// Returns the URL for a host, which is http for apps of a local Hub.
    private static func address(_ host: String) -> String {
        if host.contains("://") { return host }
        let name = host.split(separator: ":").first.map { String($0) } ?? host
        return (name.hasSuffix(".localhost") ? "http://" : "https://") + host
    }
}

/// A commit of a Space's history, as reported by the Hub.
package struct SpaceCommit: Hashable, Sendable {
    package var id: ObjectID
    package var title: String
    /// RFC 3339.
    package var date: String?
    /// The trailers in which a deploy records its state.
    package var trailers: Trailers
}

extension HubSpace {
    /// Fetches the newest commits, newest first.
    package func commits(limit: Int) async throws(DeployError) -> [SpaceCommit] {
        let json = try await hub.requestJSON(
            "GET", "\(path)/commits/main?limit=\(limit)", about: space.description)
        return (json.array ?? []).compactMap(SpaceCommit.init)
    }

    /// Fetches commits page by page, newest first, until `isEnough` returns true or `limit` commits
    /// were fetched.
    /// - Returns: the commits, and whether these are all.
    package func commits(
        upTo limit: Int, until isEnough: ([SpaceCommit]) -> Bool
    ) async throws(DeployError) -> (commits: [SpaceCommit], isAll: Bool) {
        var commits: [SpaceCommit] = []
        var page: String? = "\(path)/commits/main?limit=\(Self.page)"
        while let next = page {
            let response = try await hub.send("GET", next, about: space.description)
            guard response.isSuccess else { throw hub.responseError(response, about: space.description) }
            let json = try hub.parseJSON(response, about: space.description)
            let pageCommits = (json.array ?? []).compactMap(SpaceCommit.init)
            commits += pageCommits
            page = pageCommits.isEmpty ? nil : hub.nextPage(response)
            if page != nil, isEnough(commits) || commits.count >= limit { return (commits, false) }
        }
        return (commits, true)
    }

    private static var page: Int { 100 }

    package func record() async throws(DeployError) -> SpaceRecord {
        let json = try await hub.requestJSON("GET", "\(path)?\(SpaceRecord.query)", about: space.description)
        guard let record = SpaceRecord(json, endpoint: hub.endpoint) else {
            throw DeployError(
                .refused, "\(hub.host) returned no data about \(space)", hint: "check HF_ENDPOINT")
        }
        return record
    }

    /// Fetches the visibility: `private`, `public`, `protected`. As an expanded field the Hub only
    /// reports whether a Space is private, so this requests the full record.
    package func visibility() async throws(DeployError) -> String {
        let json = try await hub.requestJSON("GET", path, about: space.description)
        return SpaceRecord(json, endpoint: hub.endpoint)?.visibility ?? "unknown"
    }

    /// Fetches the volumes, which are part of the runtime.
    package func volumes() async throws(DeployError) -> [Volume] {
        let json = try await hub.requestJSON("GET", path + "/runtime", about: space.description)
        return (json["volumes"].array ?? []).compactMap(Volume.init)
    }

    /// Replaces all volumes; an empty array removes all.
    package func setVolumes(_ volumes: [Volume]) async throws(DeployError) {
        guard !volumes.isEmpty else { return try await perform("DELETE", path + "/volumes") }
        try await perform("PUT", path + "/volumes", ["volumes": .array(volumes.map(\.json))])
    }
}

extension SpaceCommit {
    /// The history entry for the commit, from its message.
    package var historyEntry: HistoryEntry { HistoryEntry(id: id, subject: title, trailers: trailers) }

    init?(_ json: JSON) {
        guard let id = json["id"].string.flatMap({ ObjectID($0) }) else { return nil }
        let title = json["title"].string ?? ""
        let message = (json["message"].string ?? "").replacing("\r\n", with: "\n")
        self.init(
            id: id, title: title, date: json["date"].string, trailers: Trailers(of: title + "\n\n" + message)
        )
    }
}

/// The Hub's full record of a Space.
package struct SpaceRecord: Sendable {
    /// The id as the Hub writes it, `owner/name`.
    package var id: String
    package var info: SpaceInfo
    /// `private`, `public`, `protected`; `private` or `public` if the Hub only reports whether the
    /// Space is private.
    package var visibility: String?
    /// RFC 3339.
    package var lastModified: String?
    package var createdAt: String?
    /// The complete response.
    package var json: JSON

    package init?(_ json: JSON, endpoint: URL) {
        guard let id = json["id"].string else { return nil }
        self.id = id
        self.json = json
        info = SpaceInfo(json, endpoint: endpoint)
        visibility = json["visibility"].string ?? json["private"].bool.map { $0 ? "private" : "public" }
        lastModified = json["lastModified"].string
        createdAt = json["createdAt"].string
    }

    /// The requested fields: with an explicit list the Hub does not list the Space's files (hub-api.md 3.4).
    static let expandedFields = [
        "sha", "sdk", "subdomain", "private", "lastModified", "createdAt", "runtime",
    ]
    static var query: String { expandedFields.map { "expand=\($0)" }.joined(separator: "&") }
}

/// Operations on a Space's runtime (hub-api.md 4.5). Each requires write permission and returns the runtime.
extension HubSpace {
    package func pause() async throws(DeployError) -> Runtime { try await change("/pause") }

    /// Sets the hardware.
    /// - Parameter sleepAfter: the seconds without requests until the Space sleeps; -1 for never; `nil`
    ///   for the Hub's default.
    package func setHardware(_ flavor: String, sleepAfter: Int? = nil) async throws(DeployError) -> Runtime {
        var body: JSON.Object = ["flavor": .string(flavor)]
        body["sleepTimeSeconds"] = sleepAfter.map { .number(Double($0)) }
        return try await change("/hardware", .object(body))
    }

    /// Sets the sleep time. The Hub ignores it on free hardware.
    /// - Parameter seconds: -1 for never.
    package func setSleepTime(_ seconds: Int) async throws(DeployError) -> Runtime {
        try await change("/sleeptime", ["seconds": .number(Double(seconds))])
    }

    package func setDevMode(_ isOn: Bool) async throws(DeployError) -> Runtime {
        try await change("/dev-mode", ["enabled": .bool(isOn)])
    }

    private func change(_ verb: String, _ body: JSON? = nil) async throws(DeployError) -> Runtime {
        Runtime(try await hub.requestJSON("POST", path + verb, body, about: space.description))
    }
}
