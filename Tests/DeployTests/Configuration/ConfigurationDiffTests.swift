import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for the difference between the desired and the actual configuration of a Space.
struct ConfigurationDiffTests {
    private let space = SpaceID(owner: "me", name: "app")

    private func comparison(_ edit: (inout DesiredConfiguration) -> Void, _ hardware: String? = "cpu-basic")
        throws
        -> ConfigurationDiff
    {
        var desired = DesiredConfiguration()
        edit(&desired)
        var runtime = Runtime(stage: .running)
        (runtime.requestedHardware, runtime.sleepTime) = (hardware, .seconds(172_800))
        let info = SpaceInfo(sha: nil, sdk: "docker", appURL: nil, isPrivate: true, runtime: runtime)
        var comparison = ConfigurationDiff(desired: desired, space: try #require(space), info: info)
        comparison.offers = [
            Hardware(name: "cpu-basic", price: Price(dollarsPerHour: 0)),
            Hardware(name: "t4-small", price: Price(dollarsPerHour: 0.4)),
            Hardware(name: "zero-a10g", price: nil),
        ]
        return comparison
    }

    private func secret(_ name: String, isOptional: Bool = false, hasValue: Bool = true) -> DesiredSecret {
        DesiredSecret(
            name, location: "\(name) of the environment", isOptional: isOptional, hasValue: hasValue)
    }

    @Test func `variables with an equal value are not changed`() throws {
        var comparison = try comparison {
            $0.variables = [.init("A", "1"), .init("B", "2"), .init("C", "3")]
        }
        comparison.variables = ["A": "1", "B": "9", "Z": "z"]
        #expect(comparison.changes.map(\.command) == [.setVariable("B", "2"), .setVariable("C", "3"), nil])
        #expect(comparison.changes.map(\.kind) == [.updated, .added, .kept])
        #expect(comparison.changes.last?.subject == .variable("Z"))
    }

    @Test func `unconfigured secrets are removed only if requested`() throws {
        var comparison = try comparison { $0.secrets = [secret("A")] }
        (comparison.variables, comparison.secrets) = (["Z": "z"], ["A": .same, "Y": .unknown])
        #expect(comparison.changes.compactMap(\.command) == [])
        comparison.prunes = true
        // The settings configure no variables, so that no variable is removed.
        #expect(comparison.changes.map(\.command) == [.unsetSecret("Y")])
    }

    @Test func `a name cannot be both a variable and a secret`() throws {
        var comparison = try comparison {
            ($0.variables, $0.secrets) = ([.init("A", "1")], [secret("B"), secret("C", hasValue: false)])
        }
        (comparison.variables, comparison.secrets) = (["A": "1"], ["B": .same])
        #expect(comparison.collision == nil)
        comparison.secrets = ["A": .unknown]
        #expect(comparison.collision?.kind == .settings)
        (comparison.variables, comparison.secrets) = (["B": "1"], [:])
        #expect(comparison.collision?.message.contains("variable B") == true)
    }

    @Test func `without configured variables none is reported`() throws {
        var comparison = try comparison { $0.secrets = [secret("A")] }
        (comparison.variables, comparison.secrets) = (["Z": "z"], ["A": .same])
        #expect(comparison.changes == [])
    }

    @Test func `a secret is set if it is missing or different, not if it is the same`() throws {
        var comparison = try comparison {
            $0.secrets = [
                secret("NEW"), secret("OTHER"), secret("SAME"), secret("AWAY", hasValue: false),
            ]
        }
        comparison.secrets = ["OTHER": .different, "SAME": .same, "AWAY": .unknown]
        #expect(comparison.changes.compactMap(\.command) == [.setSecret("NEW"), .setSecret("OTHER")])
    }

    @Test func `a secret that cannot be compared is set only with a push`() throws {
        var comparison = try comparison { $0.secrets = [secret("A")] }
        comparison.secrets = ["A": .unknown]
        #expect(comparison.changes.map(\.command) == [nil])
        #expect(comparison.changes.first?.why.contains("spacesync secrets set me/app A") == true)
        comparison.isPushing = true
        #expect(comparison.changes.map(\.command) == [.setSecret("A")])
    }

    @Test func `a secret without a value is missing unless it is optional`() throws {
        var desired = DesiredConfiguration()
        desired.secrets = [
            secret("A", hasValue: false), secret("B", isOptional: true, hasValue: false), secret("C"),
            secret("D", hasValue: false),
        ]
        #expect(desired.missingSecrets(on: ["D"]).map(\.name) == ["A"])
        #expect(desired.missingSecrets(on: []).map(\.name) == ["A", "D"])
    }

    @Test func `more expensive hardware requires confirmation, cheaper does not, an unknown price does`()
        throws
    {
        let up = try comparison { ($0.hardware, $0.sleepTime) = ("t4-small", .seconds(3600)) }.changes
        #expect(up.map(\.command) == [.setHardware("t4-small", .seconds(3600))])
        #expect(up.first?.costWarning?.contains("$0.40 an hour") == true)
        let down = try comparison({ $0.hardware = "cpu-basic" }, "t4-small").changes
        #expect(down.map(\.costWarning) == [nil])
        let unsupported = try comparison(
            { ($0.hardware, $0.sleepTime) = ("cpu-basic", .seconds(3600)) }, "t4-small"
        ).changes
        #expect(unsupported.first?.why.contains("which ignores sleepTime") == true)
        #expect(try comparison { $0.hardware = "zero-a10g" }.changes.first?.costWarning != nil)
        #expect(try comparison { $0.hardware = "cpu-basic" }.changes == [])
    }

    @Test func `the sleep time of free hardware is fixed, and never sleeping requires confirmation`() throws {
        let free = try comparison { $0.sleepTime = .seconds(3600) }.changes
        #expect(free.map(\.command) == [nil])
        let paid = try comparison({ $0.sleepTime = .never }, "t4-small").changes
        #expect(paid.map(\.command) == [.setSleepTime(.never)])
        #expect(paid.first?.costWarning?.contains("$0.40") == true)
        #expect(try comparison({ $0.sleepTime = .seconds(172_800) }, "t4-small").changes == [])
        let rare = try comparison({ $0.sleepTime = .seconds(864_000) }, "t4-small").changes
        #expect(rare.first?.costWarning?.contains("sleeps only after 10d") == true)
        #expect(!SleepTime.seconds(864_000).staysAwake(after: .never), "less awake than before costs less")
        #expect(!SleepTime.never.staysAwake(after: .never) && SleepTime.never.staysAwake(after: nil))
    }

    @Test func `more visibility requires confirmation and is applied last`() throws {
        var comparison = try comparison { ($0.visibility, $0.variables) = ("public", [.init("A", "1")]) }
        #expect(comparison.changes.map(\.command) == [.setVariable("A", "1"), .setVisibility("public")])
        #expect(comparison.changes.last?.costWarning != nil)
        var info = try #require(comparison.info)
        info.isPrivate = false
        comparison = ConfigurationDiff(desired: comparison.desired, space: comparison.space, info: info)
        #expect(comparison.changes.map(\.command) == [.setVariable("A", "1")])
    }

    @Test func `less visibility is applied first`() throws {
        var desired = DesiredConfiguration()
        (desired.visibility, desired.variables) = ("private", [.init("A", "1")])
        let info = SpaceInfo(sha: nil, sdk: "docker", appURL: nil)
        let changes = ConfigurationDiff(desired: desired, space: try #require(space), info: info).changes
        #expect(changes.map(\.command) == [.setVisibility("private"), .setVariable("A", "1")])
        #expect(changes.map(\.costWarning) == [nil, nil])
    }
}
