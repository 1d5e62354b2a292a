import Essentials
import TextTools

/// A pushed commit as its build sees it.
struct BuildInput: Sendable {
    let sdk: String
    let script: HubScenario
    /// What is wrong with `.hub.json`.
    let warnings: [String]
    let steps: [SimulatedBuild.Step]
    /// Why there is nothing to build.
    let blocker: BuildBlocker?

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
        let written = paths.contains(".hub.json") ? try await repository.file(".hub.json", at: commit) : nil
        let script = HubScenario(written)
        warnings = HubScenario.warnings(written)
        let dockerfile = try await text("Dockerfile")
        sdk = card["sdk"].string ?? ""
        self.script = script
        let app = card["app_file"].string ?? "app.py"
        switch sdk {
        case "docker":
            let build = dockerfile.map { SimulatedBuild(dockerfile: $0, paths: paths) }
            steps = Self.failing(build?.steps ?? [], by: script)
            blocker = build == nil ? .noApp : steps.isEmpty ? .emptyDockerfile : nil
        case "gradio":
            steps = Self.failing(SimulatedBuild(gradioIn: paths).steps, by: script)
            blocker = paths.contains(app) ? nil : .noApp
        case "static":
            (steps, blocker) = ([], nil)
        default:
            (steps, blocker) = ([], .noConfiguration)
        }
    }

    /// The instruction that `.hub.json` names fails.
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
