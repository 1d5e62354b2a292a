import Essentials
import TextTools

/// The state of one Space, as stored on disk.
struct Space: Codable, Sendable {
    var owner: String
    var name: String
    /// The immutable id of the Space, 24 hexadecimal digits.
    var key: String
    var visibility: String
    var sdk: String
    var created: Date
    var modified: Date
    /// The head of `main`; `nil` before the first commit.
    var head: String?
    /// The front matter of the README at the head.
    var card: JSON = .object([:])
    var stage = "NO_APP_FILE"
    var errorMessage: String?
    /// The commit of the running app, `runtime.sha`; `nil` in the cases of hub-api.md 4.3.
    var serving: String?
    /// Whether a container with the commit `serving` is running.
    var isServing = false
    var hardware = "cpu-basic"
    /// The sleep time in seconds; `nil` if the Space never sleeps.
    var sleepTime: Int? = 172_800
    var devMode = false
    var variables: [String: Setting] = [:]
    /// The secrets without their values, which are never stored.
    var secrets: [String: Setting] = [:]
    var volumes: [JSON] = []
    var buildLog: [LogEntry] = []
    var runLog: [LogEntry] = []
    /// Whether a push was received whose build has not begun. `nil` in states stored by older
    /// versions.
    var awaitsBuild: Bool?
    /// The number of builds, by which a log stream detects that a newer build has begun.
    var builds = 0

    /// A variable or secret.
    struct Setting: Codable, Hashable, Sendable {
        var value: String?
        var description: String?
        var updated: Date
    }

    var id: String { "\(owner)/\(name)" }
    var isPrivate: Bool { visibility == "private" }
    /// Whether the files are private. The files of protected Spaces are, but their app is public.
    var hidesFiles: Bool { visibility != "public" }
    /// Whether a build of the head is running or queued.
    var isBeingBuilt: Bool {
        awaitsBuild == true || stage.hasSuffix("BUILDING") || stage.hasSuffix("APP_STARTING")
    }
    var isStatic: Bool { sdk == "static" }

    /// `{owner}-{name}` in lower case, with `-` for each character that is not a letter or digit
    /// (hub-api.md 9). A name that is too long for DNS is shortened; the rule of the real Hub for
    /// this is unknown.
    var subdomain: String {
        let isPlain: (Character) -> Bool = { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        let name = String("\(owner)-\(name)".lowercased().map { isPlain($0) ? $0 : "-" })
        return name.count <= 63 ? name : "\(name.prefix(54))-\(key.prefix(8))"
    }
}

/// One line of a build or run log.
struct LogEntry: Codable, Hashable, Sendable {
    var text: String
    var time: Date

    var json: JSON { ["data": .string(text + "\n"), "timestamp": .string(time.hubText)] }
}

extension Date {
    /// The date in the API's format, such as `2025-03-07T12:24:18.657Z`.
    var hubText: String {
        formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
    }

    /// The date in the format of the first line of the logs, such as `2025-03-07 12:24:18`.
    var logText: String { String(hubText.prefix(19)).replacingEach("T", with: " ") }

    /// The current date, rounded to milliseconds so that the stored date equals the reported one.
    static var hubNow: Date {
        Date(timeIntervalSince1970: (Date().timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}

/// The JSON representations of a Space in the API.
extension Space {
    /// Returns the runtime (hub-api.md 4.1).
    func runtime(_ authority: String) -> JSON {
        let isUp = isServing || stage == "RUNNING"
        var json = JSON.members([
            "stage": .string(stage),
            "hardware": [
                "current": isUp && !isStatic ? .string(hardware) : .null,
                "requested": isStatic ? .null : .string(hardware),
            ],
            "storage": .null,
            "replicas": isUp ? ["requested": 1, "current": 1] : ["requested": 1],
            "errorMessage": errorMessage.map { .string($0) },
        ])
        if isStatic { return json }
        json["gcTimeout"] = sleepTime.map { .int($0) } ?? .null
        json["devMode"] = .bool(devMode)
        json["domains"] = [["domain": .string(domain(authority)), "stage": "READY"]]
        if let serving, isServing { json["sha"] = .string(serving) }
        if !volumes.isEmpty { json["volumes"] = .array(volumes) }
        return json
    }

    /// Returns the host and port of the app: `SUBDOMAIN.localhost:PORT`.
    func domain(_ authority: String) -> String {
        isStatic ? "\(subdomain).static.\(authority)" : "\(subdomain).\(authority)"
    }

    /// Returns the repository information (hub-api.md 3.4) without the list of files.
    func info(_ authority: String, sha: String? = nil) -> JSON {
        JSON.members([
            "_id": .string(key), "id": .string(id), "author": .string(owner),
            "sha": (sha ?? head).map { .string($0) },
            "lastModified": .string(modified.hubText), "createdAt": .string(created.hubText),
            "private": .bool(isPrivate), "visibility": .string(visibility), "gated": false, "disabled": false,
            "host": .string("http://" + domain(authority)), "subdomain": .string(subdomain),
            "likes": 0, "sdk": .string(sdk), "tags": .array([.string(sdk), "region:us"]), "models": [],
            "datasets": [], "cardData": card, "runtime": runtime(authority), "region": "us",
            "usedStorage": 0, "trendingScore": 0,
        ])
    }

    var variableMap: JSON {
        .object(JSON.Object(variables.sorted { $0.key < $1.key }.map { ($0, $1.json($0)) }))
    }

    var secretMap: JSON {
        .object(JSON.Object(secrets.sorted { $0.key < $1.key }.map { ($0, $1.json($0)) }))
    }
}

extension Space.Setting {
    fileprivate func json(_ key: String) -> JSON {
        JSON.members([
            "key": .string(key), "value": value.map { .string($0) },
            "description": description.map { .string($0) }, "updatedAt": .string(updated.hubText),
        ])
    }
}
