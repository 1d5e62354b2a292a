import Essentials
import HTTPServer

/// Git over HTTP (section 2 of the facts), by `git http-backend`.
extension Desk {
    func git(_ request: Incoming) async throws -> Answer {
        do {
            let isPush =
                request.target.value("service") == "git-receive-pack" || request["verb"] == "git-receive-pack"
            let space = isPush ? try await pushable(request) : try await readable(request)
            let account = try caller(request)
            return try await isPush && request.method == "POST"
                ? receive(request, space, account) : backend(request, space, account).answer(request)
        } catch let refusal as Refusal {
            return refusal.plainAnswer
        }
    }

    /// The words are Git's own here, not the API's.
    private func pushable(_ request: Incoming) async throws -> Space {
        guard try caller(request) != nil else { throw Refusal.anonymous }
        do {
            return try await writable(request)
        } catch let refusal as Refusal where refusal == .readOnly {
            throw Refusal(403, "Authorization error.\nSorry, you don't have write access to this repository.")
        }
    }

    private func receive(_ request: Incoming, _ space: Space, _ account: Account?) async throws -> Answer {
        let gate = try PushGate(registry: registry, space: space)
        let deciding = Task { await gate.decide() }
        var backend = backend(request, space, account)
        backend.program.environment["LOCALHUB_GATE"] = gate.folder
        backend.afterwards = { [registry] _, _ in
            deciding.cancel()
            // Before the answer ends: a client that knows of its push finds the Hub knowing it too.
            await registry.pushed(space.id)
        }
        do {
            return try await backend.answer(request)
        } catch {
            deciding.cancel()
            throw error
        }
    }

    private func backend(_ request: Incoming, _ space: Space, _ account: Account?) -> CGI {
        let git = registry.git
        var environment = git.environment
        environment["GIT_PROJECT_ROOT"] = registry.root.path
        environment["GIT_HTTP_EXPORT_ALL"] = "1"
        environment["PATH_INFO"] = "/spaces/\(space.id).git/" + Self.service(request)
        environment["REMOTE_USER"] = account?.user
        environment["GIT_PROTOCOL"] = request.fields["Git-Protocol"]
        let unpacks = !options.ignoresGzip || request["verb"] == "git-receive-pack"
        if unpacks { environment["HTTP_CONTENT_ENCODING"] = request.fields["Content-Encoding"] }
        for (index, setting) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = setting.0
            environment["GIT_CONFIG_VALUE_\(index)"] = setting.1
        }
        environment["GIT_CONFIG_COUNT"] = String(settings.count)
        return CGI(Program(git.backend, environment: environment))
    }

    private static func service(_ request: Incoming) -> String {
        request["verb"].isEmpty ? "info/refs" : request["verb"]
    }

    private var settings: [(String, String)] {
        let partial = options.offersPartialFetches ? "true" : "false"
        return [
            ("safe.directory", "*"), ("http.receivepack", "true"),
            ("core.hooksPath", registry.root.path + "/hooks"),
            ("uploadpack.allowAnySHA1InWant", partial), ("uploadpack.allowFilter", partial),
            ("receive.denyDeleteCurrent", "ignore"), ("gc.auto", "0"), ("receive.autogc", "false"),
            ("protocol.version", "2"),
        ]
    }
}
