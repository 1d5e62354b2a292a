import Essentials
import TextTools

/// The actor of a deploy, for the commit's trailer: the CI run with its actor, or `user@host`. In a
/// hook of a Git server, the user is the pusher, as set by gitolite, Gitea, GitLab, or a web server
/// by CGI (RFC 3875, 4.1.11).
enum DeployActor {
    static func name(in environment: CommandEnvironment) -> String {
        if let server = environment["GITHUB_SERVER_URL"], let repository = environment["GITHUB_REPOSITORY"],
            let run = environment["GITHUB_RUN_ID"]
        {
            let page = "\(server.redactedURL)/\(repository)/actions/runs/\(run)"
            return page + (environment["GITHUB_ACTOR"].map { " (\($0.shortened(to: 100)))" } ?? "")
        }
        let pusher = [
            "GL_USERNAME", "GL_USER", "GITEA_PUSHER_NAME", "REMOTE_USER", "GITLAB_USER_LOGIN",
        ].lazy.compactMap {
            environment[$0]
        }
        let user =
            pusher.first ?? environment["USER"] ?? environment["LOGNAME"] ?? ProcessInfo.processInfo.userName
        return "\(user)@\(host)"
    }

    /// The system's host name; `ProcessInfo.hostName` may use the network.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
