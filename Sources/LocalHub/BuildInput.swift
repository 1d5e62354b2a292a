import Essentials
import TextTools

/// The input of a simulated build: SDK, scenario and build steps of a pushed commit.
struct BuildInput: Sendable {
    let sdk: String
    let script: HubScenario
    /// Problems in `.hub.json`, for the build log.
    let warnings: [String]
    let steps: [SimulatedBuild.Step]
    /// The reason why the commit cannot be built; `nil` if it can.
    let blocker: BuildBlocker?

    /// The stage and error message of a Space whose commit cannot be built.
    struct BuildBlocker: Hashable, Sendable {
        var stage: String
        var message: String?
    }

    init(repository: HubRepository, commit: String, card: JSON) async throws {
        let paths = Set(try await repository.entries(at: commit).map(\.path))
        func text(_ path: String) async throws -> String? {
            guard paths.contains(path) else { return nil }
            return try await repository.file(path, at: commit).map { String(decoding: $0, as: UTF8.self) }
        }
        let scenarioFile =
            paths.contains(".hub.json") ? try await repository.file(".hub.json", at: commit) : nil
        let script = HubScenario(scenarioFile)
        warnings = HubScenario.warnings(scenarioFile)
        let dockerfile = try await text("Dockerfile")
        sdk = card["sdk"].string ?? ""
        self.script = script
        let appFile = card["app_file"].string ?? "app.py"
        switch sdk {
        case "docker":
            let build = dockerfile.map { SimulatedBuild(dockerfile: $0, paths: paths) }
            steps = Self.failing(build?.steps ?? [], by: script)
            blocker = build == nil ? .noApp : steps.isEmpty ? .emptyDockerfile : nil
        case "gradio":
            steps = Self.failing(SimulatedBuild(gradioIn: paths).steps, by: script)
            blocker = paths.contains(appFile) ? nil : .noApp
        case "static":
            (steps, blocker) = ([], nil)
        default:
            (steps, blocker) = ([], .noConfiguration)
        }
    }

    /// Returns the steps, with a failure at the first instruction that contains the `fail` text of
    /// `.hub.json`.
    private static func failing(_ steps: [SimulatedBuild.Step], by script: HubScenario) -> [SimulatedBuild
        .Step]
    {
        guard let text = script.failingInstruction else { return steps }
        var steps = steps
        if let index = steps.firstIndex(where: { $0.instruction.contains(text) }) {
            steps[index].failure = .exit(script.buildExit)
        }
        return steps
    }
}

extension BuildInput.BuildBlocker {
    static let noApp = Self(stage: "NO_APP_FILE", message: nil)
    static let noConfiguration = Self(stage: "CONFIG_ERROR", message: "Missing configuration in README")
    static let collision = Self(
        stage: "CONFIG_ERROR", message: "Collision on variables and secrets names")
    static let emptyDockerfile = Self(
        stage: "BUILD_ERROR",
        message: "Job failed with exit code: 1. Reason: ERROR: failed to build: failed to solve: "
            + "the Dockerfile cannot be empty")
}
