import HTTPServer

extension Router {
    /// Returns the router with all routes of the Hub.
    static func hub(_ hubRoutes: HubRoutes) -> Router {
        var router = Router { _ in throw HubHTTPError.noRoute }
        router.addGit(hubRoutes)
        router.addRepositories(hubRoutes)
        router.addReading(hubRoutes)
        router.addRuntime(hubRoutes)
        return router
    }

    private mutating func addGit(_ hubRoutes: HubRoutes) {
        for space in ["/spaces/{owner}/{name}.git", "/spaces/{owner}/{name}"] {
            on("GET", space + "/info/refs", hubRoutes.git)
            on("POST", space + "/info/lfs/objects/batch", hubRoutes.batch)
            on("POST", space + "/info/lfs/verify", hubRoutes.verify)
            for verb in ["git-upload-pack", "git-receive-pack"] {
                on("POST", space + "/" + verb) { request in
                    var request = request
                    request.parameters["verb"] = verb
                    return try await hubRoutes.git(request)
                }
            }
        }
        on("PUT", "/_lfs/{owner}/{name}/{oid}", hubRoutes.upload)
        on("GET", "/_lfs/{owner}/{name}/{oid}", hubRoutes.download)
        on("PUT", "/_lfs/{owner}/{name}/{oid}/parts/{part}", hubRoutes.uploadPart)
        on("POST", "/_lfs/{owner}/{name}/{oid}/complete", hubRoutes.completeUpload)
        on("GET", "/spaces/{owner}/{name}/resolve/{revision}/{path...}", hubRoutes.file)
        on("GET", "/spaces/{owner}/{name}/raw/{revision}/{path...}", hubRoutes.file)
    }

    private mutating func addRepositories(_ hubRoutes: HubRoutes) {
        on("POST", "/api/repos/create", hubRoutes.create)
        on("DELETE", "/api/repos/delete", hubRoutes.delete)
        on("POST", "/api/repos/move", hubRoutes.move)
        on("POST", "/api/validate-yaml", hubRoutes.validateCard)
        on("GET", "/api/whoami-v2", hubRoutes.whoami)
        on("POST", "/oauth/token", hubRoutes.exchangeToken)
        let space = "/api/spaces/{owner}/{name}"
        on("PUT", space + "/settings", hubRoutes.changeSettings)
        on("POST", space + "/duplicate", hubRoutes.duplicate)
        on("POST", space + "/preupload/{revision}", hubRoutes.preupload)
        on("POST", space + "/commit/{revision}", hubRoutes.makeCommit)
        on("POST", space + "/branch/{branch}", hubRoutes.makeBranch)
        on("DELETE", space + "/branch/{branch}", hubRoutes.removeBranch)
    }

    private mutating func addReading(_ hubRoutes: HubRoutes) {
        on("GET", "/api/spaces", hubRoutes.list)
        on("GET", "/api/spaces/hardware", hubRoutes.listHardware)
        on("GET", "/api/spaces/by-subdomain/{subdomain}", hubRoutes.bySubdomain)
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space, hubRoutes.info)
        on("GET", space + "/revision/{revision}", hubRoutes.info)
        on("GET", space + "/host", hubRoutes.host)
        on("GET", space + "/auth-check", hubRoutes.authCheck)
        on("GET", space + "/auth-check/write", hubRoutes.authCheck)
        on("GET", space + "/tree/{revision}/{path...}", hubRoutes.tree)
        on("POST", space + "/paths-info/{revision}", hubRoutes.pathsInfo)
        on("GET", space + "/commits/{revision}", hubRoutes.commits)
        on("GET", space + "/refs", hubRoutes.refs)
        on("GET", space + "/logs/{kind}", hubRoutes.logs)
        on("GET", space + "/events", hubRoutes.events)
        on("GET", space + "/metrics", hubRoutes.metrics)
    }

    private mutating func addRuntime(_ hubRoutes: HubRoutes) {
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space + "/runtime", hubRoutes.runtime)
        on("POST", space + "/restart", hubRoutes.restart)
        on("POST", space + "/pause", hubRoutes.pause)
        on("POST", space + "/hardware", hubRoutes.changeHardware)
        on("POST", space + "/sleeptime", hubRoutes.changeSleepTime)
        on("POST", space + "/dev-mode", hubRoutes.changeDevMode)
        on("PUT", space + "/volumes", hubRoutes.changeVolumes)
        on("DELETE", space + "/volumes", hubRoutes.changeVolumes)
        on("GET", space + "/variables", hubRoutes.variables)
        on("POST", space + "/variables", hubRoutes.setVariable)
        on("DELETE", space + "/variables", hubRoutes.unsetVariable)
        on("GET", space + "/secrets", hubRoutes.secrets)
        on("POST", space + "/secrets", hubRoutes.setSecret)
        on("DELETE", space + "/secrets", hubRoutes.unsetSecret)
    }
}
