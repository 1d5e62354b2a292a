import Essentials
import TextTools

/// Simulated builds, with the stages, `sha` and logs of the real Hub (hub-api.md 4.2 to 4.7). No
/// code is run.
extension SpaceStore {
    /// The trigger of a build.
    enum Cause: Hashable, Sendable {
        case push
        /// A restart; `factory` rebuilds without the cache.
        case restart(factory: Bool)
    }

    /// Records a new head of `main` and starts its build. A paused Space stays paused.
    func recordPush(_ id: String) async {
        let repository = repository(id)
        guard let head = try? await repository.commit("refs/heads/main"), head != spaces[id]?.head else {
            return
        }
        let readme = (try? await repository.file("README.md", at: head)).map {
            String(decoding: $0, as: UTF8.self)
        }
        let card = readme.flatMap(CardRules.card) ?? .object([:])
        change(id) { space in
            (space.head, space.card, space.modified) = (head, card, .hubNow)
            if let sdk = card["sdk"].string { space.sdk = sdk }
        }
        // In dev mode a push does not replace the container.
        if spaces[id]?.stage != "PAUSED", spaces[id]?.devMode != true { startBuild(id, .push) }
    }

    /// Starts a simulated build and cancels an earlier build of the Space.
    func startBuild(_ id: String, _ cause: Cause) {
        buildTasks.removeValue(forKey: id)?.cancel()
        guard let space = spaces[id], let head = space.head else { return }
        if cause == .push { change(id) { $0.awaitsBuild = true } } else { beginBuild(id, head) }
        buildTasks[id] = Task { [weak self] in
            do {
                try await self?.runBuild(id, head, cause)
            } catch is CancellationError {
                // Cancelled by a newer push, a pause or the Hub's shutdown, which have set the next
                // stage.
            } catch {
                await self?.markStopped(id, "BUILD_ERROR", "Unexpected job error: \(error)")
            }
        }
    }

    /// Restarts the builds that the previous process left unfinished, and removes incomplete uploads.
    func resume() {
        for id in spaces.keys { try? FileManager.default.removeItem(at: store(id).incoming) }
        for space in spaces.values where space.isBeingBuilt { startBuild(space.id, .push) }
    }

    private func runBuild(_ id: String, _ head: String, _ cause: Cause) async throws {
        let input = try await BuildInput(
            repository: repository(id), commit: head, card: spaces[id]?.card ?? .null)
        if cause == .push { try await Task.sleep(for: input.script.lag ?? options.buildTiming.lag) }
        if let blocker = input.blocker ?? collision(id, input) {
            return markStopped(id, blocker.stage, blocker.message)
        }
        if input.sdk == "static" { return markRunning(id, head, input.script) }
        if cause == .push { beginBuild(id, head) }
        guard try await build(id, input, isCached: cause == .restart(factory: false)) else { return }
        try await startApp(id, head, input)
    }

    /// Returns the blocker for a name that is both a variable and a secret, with which the Hub does
    /// not build or start a Space. `nil` if there is no such name.
    private func collision(_ id: String, _ input: BuildInput) -> BuildInput.BuildBlocker? {
        guard let space = spaces[id], input.sdk != "static" else { return nil }
        return space.variables.keys.contains { space.secrets[$0] != nil } ? .collision : nil
    }

    /// Sets the stage to RUNNING_BUILDING if an app with another commit is running, or else to
    /// BUILDING, and starts a new build log.
    private func beginBuild(_ id: String, _ head: String) {
        change(id) { space in
            space.awaitsBuild = nil
            let keepsOldApp = space.isServing && !space.stage.hasSuffix("ERROR") && space.serving != head
            if !keepsOldApp { (space.isServing, space.serving) = (false, nil) }
            space.stage = keepsOldApp ? "RUNNING_BUILDING" : "BUILDING"
            space.errorMessage = nil
            space.builds += 1
            space.buildLog = [
                "===== Build Queued at \(Date.hubNow.logText) / Commit SHA: \(head.prefix(7)) =====", "",
                "This build is simulated by the local Hub from the Dockerfile: no command is run.",
            ].map { LogEntry(text: $0, time: .hubNow) }
        }
    }

    /// Simulates the build steps. Returns false if a step fails.
    private func build(_ id: String, _ input: BuildInput, isCached: Bool) async throws -> Bool {
        input.warnings.forEach { log(id, $0) }
        let buildTime = isCached ? .milliseconds(10) : input.script.buildTime ?? options.buildTiming.build
        let steps = input.steps, pause = buildTime / max(steps.count + 1, 1)
        for (index, step) in steps.enumerated() {
            log(id, "--> \(step.instruction)")
            try await Task.sleep(for: pause)
            if step.failure != nil || index == steps.count - 1 {
                input.script.buildLines.forEach { log(id, $0) }
            }
            if let failure = step.failure {
                let message = failure.message(step.instruction)
                log(id, message)
                markStopped(id, "BUILD_ERROR", "Job failed with exit code: 1. Reason: \(message)")
                return false
            }
            log(id, isCached ? "CACHED" : "DONE \(pause.text(.tenths))s")
        }
        for line in ["", "--> Pushing image", "DONE 0.0s", "", "--> Exporting cache", "DONE 0.0s"] {
            log(id, line)
        }
        try await Task.sleep(for: pause)
        return true
    }

    private func startApp(_ id: String, _ head: String, _ input: BuildInput) async throws {
        change(id) { space in
            space.stage = space.isServing ? "RUNNING_APP_STARTING" : "APP_STARTING"
            space.runLog = [
                LogEntry(text: "===== Application Startup at \(Date.hubNow.logText) =====", time: .hubNow),
                LogEntry(text: "", time: .hubNow),
            ]
            space.runLog += input.script.runLines.map { LogEntry(text: $0, time: .hubNow) }
        }
        try await Task.sleep(for: input.script.startTime ?? options.buildTiming.start)
        if let code = input.script.appExit {
            let tail = input.script.runLines.suffix(10).joined(separator: "\n")
            return markStopped(id, "RUNTIME_ERROR", "Exit code: \(code). Reason: \(tail)")
        }
        if let message = input.script.startError { return markStopped(id, "RUNTIME_ERROR", message) }
        markRunning(id, head, input.script)
    }

    private func markRunning(_ id: String, _ head: String, _ script: HubScenario) {
        scripts[id] = script
        visits = visits.filter { !$0.key.hasPrefix(id + " ") }
        change(id) { space in
            (space.stage, space.serving, space.isServing, space.errorMessage) = ("RUNNING", head, true, nil)
            space.awaitsBuild = nil
        }
    }

    /// Sets a stage in which no app is running and `sha` is absent.
    func markStopped(_ id: String, _ stage: String, _ message: String?) {
        change(id) { space in
            (space.stage, space.errorMessage, space.awaitsBuild) = (stage, message, nil)
            (space.serving, space.isServing) = (nil, false)
        }
    }

    private func log(_ id: String, _ line: String) {
        change(id) { $0.buildLog.append(LogEntry(text: line, time: .hubNow)) }
    }

    /// Cancels the build, stops the app and sets the stage.
    func pause(_ id: String, _ stage: String) {
        buildTasks.removeValue(forKey: id)?.cancel()
        markStopped(id, stage, nil)
    }

    /// Counts a request to the app, and wakes a sleeping Space. Returns the Space, its scenario and
    /// the number of earlier requests for the path; `nil` if the Space does not exist.
    func visit(_ id: String, path: String) async -> (Space, HubScenario, Int)? {
        guard let space = spaces[id] else { return nil }
        if space.stage == "SLEEPING" || space.stage == "STOPPED" { startBuild(id, .restart(factory: false)) }
        if scripts[id] == nil, let commit = space.serving {
            scripts[id] = HubScenario(try? await repository(id).file(".hub.json", at: commit))
        }
        let key = "\(id) \(path)"
        defer { visits[key, default: 0] += 1 }
        return (space, scripts[id] ?? HubScenario(nil), visits[key, default: 0])
    }
}

extension SimulatedBuild.Failure {
    /// Returns the error message in BuildKit's format.
    func message(_ instruction: String) -> String {
        let prefix = "ERROR: failed to build: failed to solve: "
        let command = instruction.drop { $0 != " " }.dropFirst()
        switch self {
        case .exit(let code):
            return prefix
                + "process \"/bin/sh -c \(command)\" did not complete successfully: exit code: \(code)"
        case .missing(let path):
            return prefix + "failed to compute cache key: failed to calculate checksum of ref: "
                + "\"/\(path.drop { $0 == "/" || $0 == "." })\": not found"
        case .unknown:
            return prefix + "dockerfile parse error: unknown instruction: \(instruction.prefix { $0 != " " })"
        }
    }
}
