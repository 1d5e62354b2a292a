import HTTPServer

extension Router {
    /// Returns the router with all routes of the Hub.
    static func hub(_ hub: HubContext) -> Router {
        var router = Router { _ in throw HubHTTPError.noRoute }
        router.addGit(hub)
        router.addRepositories(hub)
        router.addReading(hub)
        router.addRuntime(hub)
        return router
    }

    private mutating func addGit(_ hub: HubContext) {
        let git = GitRoutes(hub: hub)
        let lfs = LFSRoutes(hub: hub)
        let storage = StorageRoutes(hub: hub)
        let files = FileRoutes(hub: hub)
        for space in ["/spaces/{owner}/{name}.git", "/spaces/{owner}/{name}"] {
            on("GET", space + "/info/refs", git.handle)
            on("POST", space + "/info/lfs/objects/batch", lfs.batch)
            on("POST", space + "/info/lfs/verify", lfs.verify)
            for verb in ["git-upload-pack", "git-receive-pack"] {
                on("POST", space + "/" + verb) { request in
                    var request = request
                    request.parameters["verb"] = verb
                    return try await git.handle(request)
                }
            }
        }
        on("PUT", "/_lfs/{owner}/{name}/{oid}", storage.upload)
        on("GET", "/_lfs/{owner}/{name}/{oid}", storage.download)
        on("PUT", "/_lfs/{owner}/{name}/{oid}/parts/{part}", storage.uploadPart)
        on("POST", "/_lfs/{owner}/{name}/{oid}/complete", storage.completeUpload)
        on("GET", "/spaces/{owner}/{name}/resolve/{revision}/{path...}", files.file)
        on("GET", "/spaces/{owner}/{name}/raw/{revision}/{path...}", files.file)
    }

    private mutating func addRepositories(_ hub: HubContext) {
        let repos = RepoRoutes(hub: hub)
        let commits = CommitRoutes(hub: hub)
        let accounts = AccountRoutes(hub: hub)
        let tokens = TokenExchange(hub: hub)
        on("POST", "/api/repos/create", repos.create)
        on("DELETE", "/api/repos/delete", repos.delete)
        on("POST", "/api/repos/move", repos.move)
        on("POST", "/api/validate-yaml", commits.validateCard)
        on("GET", "/api/whoami-v2", accounts.whoami)
        on("POST", "/oauth/token", tokens.exchangeToken)
        let space = "/api/spaces/{owner}/{name}"
        on("PUT", space + "/settings", repos.changeSettings)
        on("POST", space + "/duplicate", repos.duplicate)
        on("POST", space + "/preupload/{revision}", commits.preupload)
        on("POST", space + "/commit/{revision}", commits.makeCommit)
        on("POST", space + "/branch/{branch}", commits.makeBranch)
        on("DELETE", space + "/branch/{branch}", commits.removeBranch)
    }

    private mutating func addReading(_ hub: HubContext) {
        let files = FileRoutes(hub: hub)
        let accounts = AccountRoutes(hub: hub)
        let spaces = SpaceRoutes(hub: hub)
        let runtime = RuntimeRoutes(hub: hub)
        let streams = StreamRoutes(hub: hub)
        on("GET", "/api/spaces", spaces.list)
        on("GET", "/api/spaces/hardware", runtime.listHardware)
        on("GET", "/api/spaces/by-subdomain/{subdomain}", spaces.bySubdomain)
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space, spaces.info)
        on("GET", space + "/revision/{revision}", spaces.info)
        on("GET", space + "/host", spaces.host)
        on("GET", space + "/auth-check", accounts.authCheck)
        on("GET", space + "/auth-check/write", accounts.authCheck)
        on("GET", space + "/tree/{revision}/{path...}", files.tree)
        on("POST", space + "/paths-info/{revision}", files.pathsInfo)
        on("GET", space + "/commits/{revision}", files.commits)
        on("GET", space + "/refs", files.refs)
        on("GET", space + "/logs/{kind}", streams.logs)
        on("GET", space + "/events", streams.events)
        on("GET", space + "/metrics", streams.metrics)
    }

    private mutating func addRuntime(_ hub: HubContext) {
        let runtime = RuntimeRoutes(hub: hub)
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space + "/runtime", runtime.runtime)
        on("POST", space + "/restart", runtime.restart)
        on("POST", space + "/pause", runtime.pause)
        on("POST", space + "/hardware", runtime.changeHardware)
        on("POST", space + "/sleeptime", runtime.changeSleepTime)
        on("POST", space + "/dev-mode", runtime.changeDevMode)
        on("PUT", space + "/volumes", runtime.changeVolumes)
        on("DELETE", space + "/volumes", runtime.changeVolumes)
        on("GET", space + "/variables", runtime.variables)
        on("POST", space + "/variables", runtime.setVariable)
        on("DELETE", space + "/variables", runtime.unsetVariable)
        on("GET", space + "/secrets", runtime.secrets)
        on("POST", space + "/secrets", runtime.setSecret)
        on("DELETE", space + "/secrets", runtime.unsetSecret)
    }
}
