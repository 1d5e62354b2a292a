import HTTPServer

extension Router {
    /// The Hub's routes.
    static func hub(_ desk: Desk) -> Router {
        var router = Router { _ in throw Refusal.noRoute }
        router.addGit(desk)
        router.addRepositories(desk)
        router.addReading(desk)
        router.addRuntime(desk)
        return router
    }

    private mutating func addGit(_ desk: Desk) {
        for place in ["/spaces/{owner}/{name}.git", "/spaces/{owner}/{name}"] {
            on("GET", place + "/info/refs", desk.git)
            on("POST", place + "/info/lfs/objects/batch", desk.batch)
            on("POST", place + "/info/lfs/verify", desk.verify)
            for verb in ["git-upload-pack", "git-receive-pack"] {
                on("POST", place + "/" + verb) { request in
                    var request = request
                    request.parameters["verb"] = verb
                    return try await desk.git(request)
                }
            }
        }
        on("PUT", "/_lfs/{owner}/{name}/{oid}", desk.upload)
        on("GET", "/_lfs/{owner}/{name}/{oid}", desk.download)
        on("PUT", "/_lfs/{owner}/{name}/{oid}/parts/{part}", desk.uploadPart)
        on("POST", "/_lfs/{owner}/{name}/{oid}/complete", desk.completeUpload)
        on("GET", "/spaces/{owner}/{name}/resolve/{revision}/{path...}", desk.file)
        on("GET", "/spaces/{owner}/{name}/raw/{revision}/{path...}", desk.file)
    }

    private mutating func addRepositories(_ desk: Desk) {
        on("POST", "/api/repos/create", desk.create)
        on("DELETE", "/api/repos/delete", desk.delete)
        on("POST", "/api/repos/move", desk.move)
        on("POST", "/api/validate-yaml", desk.validateCard)
        on("GET", "/api/whoami-v2", desk.whoami)
        on("POST", "/oauth/token", desk.exchangeToken)
        let space = "/api/spaces/{owner}/{name}"
        on("PUT", space + "/settings", desk.changeSettings)
        on("POST", space + "/duplicate", desk.duplicate)
        on("POST", space + "/preupload/{revision}", desk.preupload)
        on("POST", space + "/commit/{revision}", desk.makeCommit)
        on("POST", space + "/branch/{branch}", desk.makeBranch)
        on("DELETE", space + "/branch/{branch}", desk.removeBranch)
    }

    private mutating func addReading(_ desk: Desk) {
        on("GET", "/api/spaces", desk.list)
        on("GET", "/api/spaces/hardware", desk.listHardware)
        on("GET", "/api/spaces/by-subdomain/{subdomain}", desk.bySubdomain)
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space, desk.info)
        on("GET", space + "/revision/{revision}", desk.info)
        on("GET", space + "/host", desk.host)
        on("GET", space + "/auth-check", desk.authCheck)
        on("GET", space + "/auth-check/write", desk.authCheck)
        on("GET", space + "/tree/{revision}/{path...}", desk.tree)
        on("POST", space + "/paths-info/{revision}", desk.pathsInfo)
        on("GET", space + "/commits/{revision}", desk.commits)
        on("GET", space + "/refs", desk.refs)
        on("GET", space + "/logs/{kind}", desk.logs)
        on("GET", space + "/events", desk.events)
        on("GET", space + "/metrics", desk.metrics)
    }

    private mutating func addRuntime(_ desk: Desk) {
        let space = "/api/spaces/{owner}/{name}"
        on("GET", space + "/runtime", desk.runtime)
        on("POST", space + "/restart", desk.restart)
        on("POST", space + "/pause", desk.pause)
        on("POST", space + "/hardware", desk.changeHardware)
        on("POST", space + "/sleeptime", desk.changeSleepTime)
        on("POST", space + "/dev-mode", desk.changeDevMode)
        on("PUT", space + "/volumes", desk.changeVolumes)
        on("DELETE", space + "/volumes", desk.changeVolumes)
        on("GET", space + "/variables", desk.variables)
        on("POST", space + "/variables", desk.setVariable)
        on("DELETE", space + "/variables", desk.unsetVariable)
        on("GET", space + "/secrets", desk.secrets)
        on("POST", space + "/secrets", desk.setSecret)
        on("DELETE", space + "/secrets", desk.unsetSecret)
    }
}
