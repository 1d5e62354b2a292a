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
