import Essentials

/// Builds are played, not run: stages, `sha` and logs as the Hub has them (sections 4.2 to 4.7 of the facts).
extension SpaceStore {
    /// What set a build going.
    enum Cause: Hashable, Sendable {
        case push
        /// `factory`: without cache.
        case restart(factory: Bool)
    }

    /// Notes a new head of `main`, and plays its build. A Space that is paused stays so.
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
        // In dev mode the container is kept.
        if spaces[id]?.stage != "PAUSED", spaces[id]?.devMode != true { startBuild(id, .push) }
    }

    /// Plays from now on; an older build of the Space is superseded.
    func startBuild(_ id: String, _ cause: Cause) {
        buildTasks.removeValue(forKey: id)?.cancel()
        guard let space = spaces[id], let head = space.head else { return }
        if cause == .push { change(id) { $0.awaitsBuild = true } } else { beginBuild(id, head) }
        buildTasks[id] = Task { [weak self] in
            do {
                try await self?.runBuild(id, head, cause)
            } catch is CancellationError {
                // A newer push, a pause or the end of the Hub: whoever cancelled has said what is next.
            } catch {
                await self?.markStopped(id, "BUILD_ERROR", "Unexpected job error: \(error)")
            }
        }
    }

    /// Builds that the last process left unfinished begin anew.
    func resume() {
        for id in spaces.keys { try? FileManager.default.removeItem(at: store(id).incoming) }
        for space in spaces.values where space.isBeingBuilt { startBuild(space.id, .push) }
    }

    private func runBuild(_ id: String, _ head: String, _ cause: Cause) async throws {
        let site = try await BuildInput(
            repository: repository(id), commit: head, card: spaces[id]?.card ?? .null)
        if cause == .push { try await Task.sleep(for: site.script.lag ?? options.buildTiming.lag) }
        if let obstacle = site.blocker ?? collision(id, site) {
            return markStopped(id, obstacle.stage, obstacle.message)
        }
        if site.sdk == "static" { return markRunning(id, head, site.script) }
        if cause == .push { beginBuild(id, head) }
        guard try await build(id, site, isCached: cause == .restart(factory: false)) else { return }
        try await startApp(id, head, site)
    }

    /// A name that is both a variable and a secret: the Hub builds and starts no such Space.
    private func collision(_ id: String, _ site: BuildInput) -> BuildInput.BuildBlocker? {
        guard let space = spaces[id], site.sdk != "static" else { return nil }
        return space.variables.keys.contains { space.secrets[$0] != nil } ? .collision : nil
    }

    /// BUILDING from here on: beside the old app after a push that finds one, else alone.
    private func beginBuild(_ id: String, _ head: String) {
        change(id) { space in
            space.awaitsBuild = nil
            let keepsOld = space.isServing && !space.stage.hasSuffix("ERROR") && space.serving != head
            if !keepsOld { (space.isServing, space.serving) = (false, nil) }
            space.stage = keepsOld ? "RUNNING_BUILDING" : "BUILDING"
            space.errorMessage = nil
            space.builds += 1
            space.buildLog = [
                "===== Build Queued at \(Date.hubNow.logText) / Commit SHA: \(head.prefix(7)) =====", "",
                "This build is played by the local Hub from the Dockerfile: nothing is run.",
            ].map { LogEntry(text: $0, time: .hubNow) }
        }
    }

    /// False when it failed.
    private func build(_ id: String, _ site: BuildInput, isCached: Bool) async throws -> Bool {
        site.warnings.forEach { log(id, $0) }
        let whole = isCached ? .milliseconds(10) : site.script.buildTime ?? options.buildTiming.build
        let steps = site.steps, pause = whole / max(steps.count + 1, 1)
        for (index, step) in steps.enumerated() {
            log(id, "--> \(step.instruction)")
            try await Task.sleep(for: pause)
            if step.failure != nil || index == steps.count - 1 {
                site.script.buildLines.forEach { log(id, $0) }
            }
            if let failure = step.failure {
                let words = failure.message(step.instruction)
                log(id, words)
                markStopped(id, "BUILD_ERROR", "Job failed with exit code: 1. Reason: \(words)")
                return false
            }
            log(id, isCached ? "CACHED" : "DONE \(pause.tenths)s")
        }
        for line in ["", "--> Pushing image", "DONE 0.0s", "", "--> Exporting cache", "DONE 0.0s"] {
            log(id, line)
        }
        try await Task.sleep(for: pause)
        return true
    }

    private func startApp(_ id: String, _ head: String, _ site: BuildInput) async throws {
        change(id) { space in
            space.stage = space.isServing ? "RUNNING_APP_STARTING" : "APP_STARTING"
            space.runLog = [
                LogEntry(text: "===== Application Startup at \(Date.hubNow.logText) =====", time: .hubNow),
                LogEntry(text: "", time: .hubNow),
            ]
            space.runLog += site.script.runLines.map { LogEntry(text: $0, time: .hubNow) }
        }
        try await Task.sleep(for: site.script.startTime ?? options.buildTiming.start)
        if let code = site.script.appExit {
            let tail = site.script.runLines.suffix(10).joined(separator: "\n")
            return markStopped(id, "RUNTIME_ERROR", "Exit code: \(code). Reason: \(tail)")
        }
        if let words = site.script.startError { return markStopped(id, "RUNTIME_ERROR", words) }
        markRunning(id, head, site.script)
    }

    private func markRunning(_ id: String, _ head: String, _ script: HubScenario) {
        scripts[id] = script
        visits = visits.filter { !$0.key.hasPrefix(id + " ") }
        change(id) { space in
            (space.stage, space.serving, space.isServing, space.errorMessage) = ("RUNNING", head, true, nil)
            space.awaitsBuild = nil
        }
    }

    /// An end that is no success: no `sha` any more, and no app.
    func markStopped(_ id: String, _ stage: String, _ message: String?) {
        change(id) { space in
            (space.stage, space.errorMessage, space.awaitsBuild) = (stage, message, nil)
            (space.serving, space.isServing) = (nil, false)
        }
    }

    private func log(_ id: String, _ line: String) {
        change(id) { $0.buildLog.append(LogEntry(text: line, time: .hubNow)) }
    }

    /// Stops what is under way, and the app.
    func pause(_ id: String, _ stage: String) {
        buildTasks.removeValue(forKey: id)?.cancel()
        markStopped(id, stage, nil)
    }

    /// A visit: counts it, and wakes a Space that sleeps.
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
    /// As BuildKit ends its log.
    func message(_ instruction: String) -> String {
        let start = "ERROR: failed to build: failed to solve: "
        let rest = instruction.drop { $0 != " " }.dropFirst()
        switch self {
        case .exit(let code):
            return start + "process \"/bin/sh -c \(rest)\" did not complete successfully: exit code: \(code)"
        case .missing(let path):
            return start + "failed to compute cache key: failed to calculate checksum of ref: "
                + "\"/\(path.drop { $0 == "/" || $0 == "." })\": not found"
        case .unknown:
            return start + "dockerfile parse error: unknown instruction: \(instruction.prefix { $0 != " " })"
        }
    }
}

extension Duration {
    /// `1.4`: seconds, for people.
    var tenths: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
