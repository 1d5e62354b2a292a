import Testing

@testable import DeploySettings
@testable import DockerSyntax
@testable import SpacesModel

/// Tests for `image`, `pin`, `template`, `env`, `command`, `port` and `cardFile`.
struct ContainerSettingsTests {
    private func settings(
        _ pairs: KeyValuePairs<String, String?>, _ trustLevel: TrustLevel = .trusted, trust: String? = nil
    ) -> Settings {
        let entries = pairs.map {
            ConfigEntry(section: "space", subsection: "me/demo", key: $0.key.lowercased(), value: $0.value)
        }
        let origin: SettingOrigin = trustLevel == .trusted ? .file("user") : .sourceFile(".spacesync")
        var operatorEntries = [ConfigEntry(section: "space", subsection: "me/demo", key: "root", value: "")]
        if let trust {
            operatorEntries.append(
                ConfigEntry(section: "spacesync", subsection: nil, key: "trust", value: trust))
        }
        return Settings(layers: [
            ConfigLayer(.file("user"), .trusted, operatorEntries), ConfigLayer(origin, trustLevel, entries),
        ])
    }

    @Test func `values are read, lists accumulate, and the last command applies`() throws {
        let read = settings([
            "image": "ghcr.io/o/app:1", "pin": "no", "env": "A=1", "env": "B=x=y", "command": "old",
            "command": "run me", "port": "8080", "cardFile": "./meta/card.yaml",
        ])
        #expect(read.errors.isEmpty, "\(read.errors)")
        let target = try #require(read.targets.first)
        #expect(target.image?.familiar == "ghcr.io/o/app:1")
        #expect(!target.pin)
        #expect(target.env == [.init("A", "1"), .init("B", "x=y")])
        #expect(target.command == "run me")
        #expect(target.port == 8080)
        #expect(target.cardFile == "meta/card.yaml")
        #expect(settings(["image": "python", "pin": nil]).targets.first?.pin == true)
        #expect(settings(["template": "node"]).targets.first?.template == .node)
        #expect(settings(["template": "node", "template": ""]).targets.first?.template == nil)
    }

    @Test(arguments: [
        ("image", "Python", "the image name \u{201C}Python\u{201D} contains capital letters (use python)"),
        ("image", "https://ghcr.io/o/app", "it is a URL, not an image name (use ghcr.io/o/app)"),
        ("image", "a b", "an image name cannot contain spaces"),
        ("image", "x:", "\u{201C}\u{201D} is not a valid tag"),
        ("image", "x@sha256:1", "the text after @ is not a digest"), ("image", "scratch", "scratch is empty"),
        ("pin", "perhaps", "must be true or false"),
        ("template", "pyton", "must be one of python, node (did you mean python?)"),
        ("env", "A", "has no value (use env = A=VALUE)"), ("env", "1A=b", "is not a valid variable name"),
        ("env", "=b", "is not a valid variable name"), ("env", "A B=c", "is not a valid variable name"),
        ("command", "echo 'x", "a quote is not closed"),
        ("port", "0", "is not a valid port (use a number from 1 to 65535)"),
        ("port", "65536", "is not a valid port"),
        ("port", "80/tcp", "is not a valid port"), ("port", "-1", "is not a valid port"),
        ("cardFile", "../x", "is not the path of a file inside the source"),
        ("cardFile", "/", "is not the path of a file inside the source"), ("image", nil, "requires a value"),
        ("env", nil, "requires a value"), ("port", nil, "requires a value"),
    ])
    func `an invalid value is reported with a correction`(key: String, value: String?, message: String) {
        let problems = settings([key: value]).errors.map(\.description)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("user: \(key)") == true, "\(problems)")
        #expect(problems.first?.contains(message) == true, "\(problems)")
    }

    @Test func `conflicting settings are reported, and all errors at once`() {
        let both = settings(["image": "python:3", "template": "python", "sdk": "static"]).errors
        #expect(both.count == 2, "\(both)")
        #expect(
            both.contains { $0.description.contains("template = python: a template has its own base image") })
        #expect(both.contains { $0.description.contains("sdk = static: image = python:3 requires a docker") })
        #expect(settings(["image": "python:3", "sdk": "docker"]).errors.isEmpty)
        #expect(settings(["image": "Python", "port": "x", "env": "y", "template": "z"]).errors.count == 4)
    }

    @Test(arguments: ["template", "env", "command", "port", "cardFile"])
    func `an untrusted file may set it`(key: String) {
        let values = ["template": "node", "env": "A=1", "port": "80"]
        #expect(settings([key: values[key] ?? "x"], .untrusted).errors.isEmpty)
    }

    @Test(arguments: ["image", "pin"])
    func `an untrusted file may not set an image unless the key is trusted`(key: String) {
        let value = key == "pin" ? "false" : "python:3"
        let rejected = settings([key: value], .untrusted)
        #expect(rejected.targets.isEmpty)
        let hint = rejected.rejected.first?.failure.hint
        #expect(hint?.hasSuffix("git config --add spacesync.trust \(key)") == true)
        #expect(settings([key: value], .untrusted, trust: key).targets.count == 1)
        #expect(settings([key: value], .ownWorkTree).targets.count == 1)
    }
}
