import Essentials

/// Builds are played, not run: stages, `sha` and logs as the Hub has them (sections 4.2 to 4.7 of the facts).
extension Registry {
    /// What set a build going.
    enum Cause: Hashable, Sendable {
        case push
        /// `factory`: without cache.
        case restart(factory: Bool)
    }

    /// Notes a new head of `main`, and plays its build. A Space that is paused stays so.
    func pushed(_ id: String) async {
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
        if spaces[id]?.stage != "PAUSED", spaces[id]?.devMode != true { play(id, .push) }
    }

    /// Plays from now on; an older build of the Space is superseded.
    func play(_ id: String, _ cause: Cause) {
        plays.removeValue(forKey: id)?.cancel()
        guard let space = spaces[id], let head = space.head else { return }
        if cause == .push { change(id) { $0.awaitsBuild = true } } else { begin(id, head) }
        plays[id] = Task { [weak self] in
            do {
                try await self?.perform(id, head, cause)
            } catch is CancellationError {
                // A newer push, a pause or the end of the Hub: whoever cancelled has said what is next.
            } catch {
                await self?.settle(id, "BUILD_ERROR", "Unexpected job error: \(error)")
            }
        }
    }

    /// Builds that the last process left unfinished begin anew.
    func resume() {
        for id in spaces.keys { try? FileManager.default.removeItem(at: store(id).incoming) }
        for space in spaces.values where space.isBeingBuilt { play(space.id, .push) }
    }

    private func perform(_ id: String, _ head: String, _ cause: Cause) async throws {
        let site = try await BuildSite(
            repository: repository(id), commit: head, card: spaces[id]?.card ?? .null)
        if cause == .push { try await Task.sleep(for: site.script.lag ?? options.play.lag) }
        if let obstacle = site.obstacle ?? collision(id, site) {
            return settle(id, obstacle.stage, obstacle.message)
        }
        if site.sdk == "static" { return serve(id, head, site.script) }
        if cause == .push { begin(id, head) }
        guard try await build(id, site, isCached: cause == .restart(factory: false)) else { return }
        try await start(id, head, site)
    }

    /// A name that is both a variable and a secret: the Hub builds and starts no such Space.
    private func collision(_ id: String, _ site: BuildSite) -> BuildSite.Obstacle? {
        guard let space = spaces[id], site.sdk != "static" else { return nil }
        return space.variables.keys.contains { space.secrets[$0] != nil } ? .collision : nil
    }

    /// BUILDING from here on: beside the old app after a push that finds one, else alone.
    private func begin(_ id: String, _ head: String) {
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
    private func build(_ id: String, _ site: BuildSite, isCached: Bool) async throws -> Bool {
        site.warnings.forEach { log(id, $0) }
        let whole = isCached ? .milliseconds(10) : site.script.buildTime ?? options.play.build
        let steps = site.steps, pause = whole / max(steps.count + 1, 1)
        for (index, step) in steps.enumerated() {
            log(id, "--> \(step.instruction)")
            try await Task.sleep(for: pause)
            if step.failure != nil || index == steps.count - 1 {
                site.script.buildLines.forEach { log(id, $0) }
            }
            if let failure = step.failure {
                let words = failure.words(step.instruction)
                log(id, words)
                settle(id, "BUILD_ERROR", "Job failed with exit code: 1. Reason: \(words)")
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

    private func start(_ id: String, _ head: String, _ site: BuildSite) async throws {
        change(id) { space in
            space.stage = space.isServing ? "RUNNING_APP_STARTING" : "APP_STARTING"
            space.runLog = [
                LogEntry(text: "===== Application Startup at \(Date.hubNow.logText) =====", time: .hubNow),
                LogEntry(text: "", time: .hubNow),
            ]
            space.runLog += site.script.runLines.map { LogEntry(text: $0, time: .hubNow) }
        }
        try await Task.sleep(for: site.script.startTime ?? options.play.start)
        if let code = site.script.appExit {
            let tail = site.script.runLines.suffix(10).joined(separator: "\n")
            return settle(id, "RUNTIME_ERROR", "Exit code: \(code). Reason: \(tail)")
        }
        if let words = site.script.startError { return settle(id, "RUNTIME_ERROR", words) }
        serve(id, head, site.script)
    }

    private func serve(_ id: String, _ head: String, _ script: HubScript) {
        scripts[id] = script
        visits = visits.filter { !$0.key.hasPrefix(id + " ") }
        change(id) { space in
            (space.stage, space.serving, space.isServing, space.errorMessage) = ("RUNNING", head, true, nil)
            space.awaitsBuild = nil
        }
    }

    /// An end that is no success: no `sha` any more, and no app.
    func settle(_ id: String, _ stage: String, _ message: String?) {
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
        plays.removeValue(forKey: id)?.cancel()
        settle(id, stage, nil)
    }

    /// A visit: counts it, and wakes a Space that sleeps.
    func visit(_ id: String, path: String) async -> (Space, HubScript, Int)? {
        guard let space = spaces[id] else { return nil }
        if space.stage == "SLEEPING" || space.stage == "STOPPED" { play(id, .restart(factory: false)) }
        if scripts[id] == nil, let commit = space.serving {
            scripts[id] = HubScript(try? await repository(id).file(".hub.json", at: commit))
        }
        let key = "\(id) \(path)"
        defer { visits[key, default: 0] += 1 }
        return (space, scripts[id] ?? HubScript(nil), visits[key, default: 0])
    }
}

extension BuildScript.Failure {
    /// As BuildKit ends its log.
    func words(_ instruction: String) -> String {
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
