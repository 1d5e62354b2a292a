import Deploy
import Foundation
import HTTP

/// One Space on the Hub.
package struct HubSpace: BuildWatching {
    package let hub: HubClient
    package let space: SpaceID
    let clock: any Clock<Duration>

    package init(_ hub: HubClient, _ space: SpaceID, clock: any Clock<Duration> = ContinuousClock()) {
        (self.hub, self.space, self.clock) = (hub, space, clock)
    }

    var path: String { "/api/spaces/\(space)" }

    package func runtime() async throws(Failure) -> Runtime {
        Runtime(try await hub.call("GET", path + "/runtime", about: space.description))
    }

    package func info() async throws(Failure) -> SpaceInfo {
        SpaceInfo(try await hub.call("GET", path, about: space.description))
    }

    package func restart(factory: Bool) async throws(Failure) -> Runtime {
        let query = factory ? "?factory=true" : ""
        return Runtime(try await hub.call("POST", path + "/restart" + query, about: space.description))
    }
}

extension Runtime {
    /// Reads what the Hub reports; a stage it does not name is `UNKNOWN`, which is watched on.
    init(_ json: JSONValue) {
        self.init(
            stage: Stage(rawValue: json["stage"]?.string ?? "UNKNOWN"),
            sha: json["sha"]?.string.flatMap { ObjectID($0) }, errorMessage: json["errorMessage"]?.string)
    }
}

extension SpaceInfo {
    init(_ json: JSONValue) {
        let sdk = json["sdk"]?.string
        self.init(
            sha: json["sha"]?.string.flatMap { ObjectID($0) }, sdk: sdk, appURL: Self.appURL(json, sdk),
            isPrivate: json["private"]?.bool ?? false,
            runtime: json["runtime"].flatMap { $0["stage"] == nil ? nil : Runtime($0) })
    }

    /// `host` as the Hub says it; else the domain its runtime names; else from the subdomain, which it chose itself.
    private static func appURL(_ json: JSONValue, _ sdk: String?) -> String? {
        if let host = json["host"]?.string, !host.isEmpty {
            return host.contains("://") ? host : "https://" + host
        }
        let domains = json["runtime"]?["domains"]?.array ?? []
        if let domain = domains.first(where: { $0["isCustom"]?.bool != true })?["domain"]?.string {
            return "https://" + domain
        }
        let zone = sdk == "static" ? "static.hf.space" : "hf.space"
        return json["subdomain"]?.string.map { "https://\($0).\(zone)" }
    }
}
