import Foundation

/// Who deploys, for the commit's trailer: the CI run, or `user@host`.
enum Deployer {
    static func name(in world: World) -> String {
        if let server = world["GITHUB_SERVER_URL"], let repository = world["GITHUB_REPOSITORY"],
            let run = world["GITHUB_RUN_ID"]
        {
            return "\(server)/\(repository)/actions/runs/\(run)"
        }
        let user = world["USER"] ?? world["LOGNAME"] ?? NSUserName()
        return "\(user)@\(host)"
    }

    /// As the system calls itself; `ProcessInfo.hostName` may ask the network.
    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
