import Essentials
import TextTools

/// Who deploys, for the commit's trailer: the CI run with its actor, or `user@host`. Of a Git server whose hook this is, whoever pushed:
/// gitolite, Gitea and GitLab tell, and web servers by CGI (RFC 3875, 4.1.11).
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

    /// As the system calls itself; `ProcessInfo.hostName` may ask the network.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
