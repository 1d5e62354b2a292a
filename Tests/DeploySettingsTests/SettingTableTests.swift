import Testing

@testable import DeploySettings
@testable import SpacesModel

/// A valid value of each key of `[space]`, other than its default.
private let samples = [
    "source": "/srv/x", "branch": "dev:next", "root": "app", "include": "a", "exclude": "b", "map": "a:b",
    "add": "c:d", "keep": "e", "sdk": "gradio", "dockerfile": "D", "image": "python:3", "pin": "false",
    "template": "node", "env": "A=1", "command": "run me", "port": "80", "card": "title: x",
    "cardFile": "c.yaml", "lfs": "off", "create": "true", "visibility": "private", "variable": "A=1",
    "secret": "B", "hardware": "t4-small", "sleepTime": "1h", "drift": "merge", "deleteLimit": "20",
    "history": "source", "allowCredential": "x", "trace": "none", "probe": "GET /x",
    "probeHeader": "X-A: env:Y", "timeout": "5m", "wake": "true", "rebuild": "factory",
    "notify": "https://host/x", "rollbackOnFailure": "true", "manual": "true",
]

/// A valid value of each key of `[spacesync]`, other than its default.
private let operatorSamples = [
    "endpoint": "https://hub", "cache": "/c", "connectTimeout": "1s", "idleTimeout": "2s", "retries": "1",
    "jobs": "2", "hookWait": "3s", "actor": "false", "reconcile": "4h", "allowSpace": "me/*",
    "allowForce": "false", "trust": "create",
]

/// Tests that every row of the tables of keys is complete.
struct SettingTableTests {
    private func settings(_ section: String, _ name: String?, _ key: String, _ value: String?) -> Settings {
        let space = entries("space", "me/demo", ["root": ""])
        return Settings(layers: [file("user", space + entries(section, name, [key: value]))])
    }

    /// Returns the names of the fields in which two values differ.
    private func changedFields<Value>(_ value: Value, since original: Value) -> Set<String> {
        let pairs = zip(Mirror(reflecting: value).children, Mirror(reflecting: original).children)
        let changed = pairs.filter { String(reflecting: $0.value) != String(reflecting: $1.value) }
        return Set(changed.compactMap { $0.0.label })
    }

    /// Returns the fields of a target that the sample of a key changes.
    private func targetFields(_ key: SettingKey) throws -> Set<String> {
        let value = try #require(samples[key.name], "a new key needs a sample: \(key.name)")
        let settings = settings("space", "me/demo", key.name, value)
        #expect(settings.errors.isEmpty, "\(settings.errors)")
        var target = try #require(settings.targets.first)
        #expect(target.resolvedSettings.map(\.key) == [key.name])
        target.resolvedSettings = []
        return changedFields(target, since: Target(space: target.space))
    }

    @Test(arguments: SettingKey.all.map(\.name))
    func `a value changes the target, and an empty value does not`(name: String) throws {
        let key = try #require(SettingKey.named(name))
        #expect(key.name == name, "two keys have one name")
        #expect(try !targetFields(key).isEmpty)
        let cleared = settings("space", "me/demo", name, "")
        let space = try #require(SpaceID("me/demo"))
        #expect(cleared.errors.isEmpty && cleared.targets == [Target(space: space)])
    }

    @Test func `every field of a target is written by exactly one key`() throws {
        let written = try SettingKey.all.flatMap { try targetFields($0).sorted() }
        let target = Target(space: try #require(SpaceID("me/demo")))
        let fields = Mirror(reflecting: target).children.compactMap(\.label)
        #expect(
            written.sorted()
                == fields.filter { !["space", "suggestion", "resolvedSettings"].contains($0) }.sorted())
        #expect(samples.count == SettingKey.all.count)
    }

    @Test(arguments: SettingKey.all.map(\.name))
    func `only a Boolean key needs no value`(name: String) throws {
        let errors = settings("space", "me/demo", name, nil).errors
        let isFlag = try #require(SettingKey.named(name)).field.kind == .flag
        #expect(errors.map(\.message) == (isFlag ? [] : ["requires a value"]))
        #expect(isFlag == ["true", "false"].contains(samples[name]))
    }

    @Test func `an untrusted file may set the content of the tree, probes and the time limit`() {
        let content = [
            "branch", "root", "include", "exclude", "map", "keep", "sdk", "dockerfile", "template", "env",
            "command", "port", "card", "cardFile", "lfs", "probe", "timeout",
        ]
        #expect(names { $0.privilege == .content } == Set(content))
        #expect(names { $0.privilege == .operatorOnly } == ["notify"])
        #expect(names { $0.confidentiality == .secret } == ["secret", "probeHeader", "notify"])
    }

    @Test func `keys that compose the tree, select files or control the run are known as such`() {
        let files = [
            "root", "include", "exclude", "map", "add", "keep", "dockerfile", "image", "template",
        ]
        let others = ["sdk", "pin", "env", "command", "port", "card", "cardFile", "lfs"]
        #expect(names { $0.effect.selectsFiles } == Set(files))
        #expect(names { $0.effect.composesTree } == Set(files + others))
        let run = ["create", "deleteLimit", "timeout", "wake", "rebuild", "manual"]
        #expect(names { $0.effect == .run } == Set(run))
    }

    private func names(where condition: (SettingKey) -> Bool) -> Set<String> {
        Set(SettingKey.all.filter(condition).map(\.name))
    }

    @Test func `every field of the operator's settings is written by exactly one key`() throws {
        var written: [String] = []
        for key in OperatorSettings.keys {
            let value = try #require(operatorSamples[key.name], "a new key needs a sample: \(key.name)")
            let settings = settings("spacesync", nil, key.name, value)
            #expect(settings.errors.isEmpty, "\(settings.errors)")
            let fields = changedFields(settings.operatorSettings, since: OperatorSettings())
            #expect(fields.count == 1, "\(key.name): \(fields)")
            written += fields
        }
        for (section, name) in [("account", "me"), ("source", "https://host")] {
            let operatorSettings = settings(section, name, "token", "env:X").operatorSettings
            written += changedFields(operatorSettings, since: OperatorSettings())
        }
        let fields = Mirror(reflecting: OperatorSettings()).children.compactMap(\.label)
        #expect(written.sorted() == fields.sorted())
    }
}
