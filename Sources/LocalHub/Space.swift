import Essentials
import TextTools

/// What the Hub knows of one Space, as it is kept on disk.
struct Space: Codable, Sendable {
    var owner: String
    var name: String
    /// 24 hexadecimal digits, for ever the same.
    var key: String
    var visibility: String
    var sdk: String
    var created: Date
    var modified: Date
    /// Head of `main`.
    var head: String?
    /// The README's front matter at the head.
    var card: JSON = .object([:])
    var stage = "NO_APP_FILE"
    var errorMessage: String?
    /// The commit in service; nil as in 4.3 of the facts.
    var serving: String?
    /// Whether a container of `serving` answers.
    var isServing = false
    var hardware = "cpu-basic"
    /// Seconds; nil: never.
    var sleepTime: Int? = 172_800
    var devMode = false
    var variables: [String: Setting] = [:]
    /// Names only: no value is ever kept.
    var secrets: [String: Setting] = [:]
    var volumes: [JSON] = []
    var buildLog: [LogEntry] = []
    var runLog: [LogEntry] = []
    /// A push is in, and its build has not begun. Optional, for states that older versions kept.
    var awaitsBuild: Bool?
    /// Counts builds: a log stream ends when its build is over.
    var builds = 0

    struct Setting: Codable, Hashable, Sendable {
        var value: String?
        var description: String?
        var updated: Date
    }

    var id: String { "\(owner)/\(name)" }
    var isPrivate: Bool { visibility == "private" }
    /// Protected Spaces show their app, and not their files.
    var hidesFiles: Bool { visibility != "public" }
    /// A build of the head is under way, or will be at once.
    var isBeingBuilt: Bool {
        awaitsBuild == true || stage.hasSuffix("BUILDING") || stage.hasSuffix("APP_STARTING")
    }
    var isStatic: Bool { sdk == "static" }

    /// `{owner}-{name}`, lower-case, with what is no letter or digit as `-` (section 9 of the facts). A name that is
    /// too long for DNS gets another one; by what rule the real Hub does so, nobody knows.
    var subdomain: String {
        let isPlain: (Character) -> Bool = { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        let name = String("\(owner)-\(name)".lowercased().map { isPlain($0) ? $0 : "-" })
        return name.count <= 63 ? name : "\(name.prefix(54))-\(key.prefix(8))"
    }
}

/// One line of a log.
struct LogEntry: Codable, Hashable, Sendable {
    var text: String
    var time: Date

    var json: JSON { ["data": .string(text + "\n"), "timestamp": .string(time.hubText)] }
}

extension Date {
    /// `2025-03-07T12:24:18.657Z`.
    var hubText: String {
        formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
    }

    /// `2025-03-07 12:24:18`, as the first lines of the logs have it.
    var logText: String { String(hubText.prefix(19)).replacingEach("T", with: " ") }

    /// Whole milliseconds, so that what was stored equals what was told.
    static var hubNow: Date {
        Date(timeIntervalSince1970: (Date().timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}
