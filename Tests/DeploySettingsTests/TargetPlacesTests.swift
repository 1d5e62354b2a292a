import Testing

@testable import DeploySettings
@testable import SpacesModel

/// Tests for the source paths from which a file of the composed tree can come.
struct TargetPlacesTests {
    private func target(_ change: (inout Target) throws -> Void) throws -> Target {
        var target = Target(space: try #require(SpaceID("me/a")))
        try change(&target)
        return target
    }

    @Test func `source paths depend on root, maps and the name of the Dockerfile`() throws {
        let target = try target { target in
            target.root = "app"
            target.dockerfile = "deploy/hf.Dockerfile"
            target.maps = [
                try #require(Mapping("hf/:/")), try #require(Mapping("conf/a.yaml:settings/b.yaml")),
                try #require(Mapping("tools/run.sh:bin/")),
            ]
        }
        #expect(target.sourcePaths(of: "main.py") == ["hf/main.py", "app/main.py"])
        #expect(target.sourcePaths(of: "Dockerfile").first == "deploy/hf.Dockerfile")
        #expect(target.sourcePaths(of: "settings/b.yaml").first == "conf/a.yaml")
        #expect(target.sourcePaths(of: "bin/run.sh").first == "tools/run.sh")
        #expect(target.sourcePaths(of: "lib/x/y.py").last == "app/lib/x/y.py")
    }

    @Test func `paths are unchanged if the source's own commits are pushed`() throws {
        let target = try target { target in (target.history, target.root) = ("source", "app") }
        #expect(target.sourcePaths(of: "main.py") == ["main.py"])
    }
}
