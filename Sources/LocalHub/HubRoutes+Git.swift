import Essentials
import HTTPServer

/// Routes for Git over HTTP (hub-api.md 2), handled by `git http-backend`.
extension HubRoutes {
    func git(_ request: Request) async throws -> Response {
        do {
            let isPush =
                request.target.value("service") == "git-receive-pack" || request["verb"] == "git-receive-pack"
            let space = isPush ? try await pushableSpace(request) : try await readableSpace(request)
            let account = try caller(request)
            return try await isPush && request.method == "POST"
                ? receive(request, space, account) : backend(request, space, account).handle(request)
        } catch let error as HubHTTPError {
            return error.plainResponse
        }
    }

    /// Returns the Space of a push. Throws errors with the messages of the Git endpoints, which
    /// differ from the API's.
    private func pushableSpace(_ request: Request) async throws -> Space {
        guard try caller(request) != nil else { throw HubHTTPError.anonymous }
        do {
            return try await writableSpace(request)
        } catch let error as HubHTTPError where error == .readOnly {
            throw HubHTTPError(
                403, "Authorization error.\nSorry, you don't have write access to this repository.")
        }
    }

    private func receive(_ request: Request, _ space: Space, _ account: HubUser?) async throws -> Response {
        let hook = try PreReceiveHook(registry: registry, space: space)
        let validation = Task { await hook.validatePushes() }
        var backend = backend(request, space, account)
        backend.program.environment["LOCALHUB_GATE"] = hook.folder
        backend.onExit = { [registry] _, _ in
            validation.cancel()
            // Before the response ends, so that a client whose push is complete sees the new head
            // in the API.
            await registry.recordPush(space.id)
        }
        do {
            return try await backend.handle(request)
        } catch {
            validation.cancel()
            throw error
        }
    }

    private func backend(_ request: Request, _ space: Space, _ account: HubUser?) -> CGI {
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
        return CGI(SubprocessConfiguration(git.backend, environment: environment))
    }

    private static func service(_ request: Request) -> String {
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
