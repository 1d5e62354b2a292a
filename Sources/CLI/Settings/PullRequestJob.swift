import Essentials

/// A CI job that runs for a pull request: anybody who can open one wrote the files of its checkout.
struct PullRequestJob: Hashable, Sendable {
    /// The environment variable that says so: `GITHUB_EVENT_NAME=pull_request`.
    let evidence: String

    /// `nil` if the environment is not that of such a job.
    init?(_ environment: CommandEnvironment) {
        for name in Self.eventNames {
            guard let event = environment[name]?.lowercased() else { continue }
            if event.hasPrefix("pull_request") || Self.events.contains(event) {
                evidence = "\(name)=\(event)"
                return
            }
        }
        for (name, value) in Self.signs {
            guard let found = environment[name], value.map({ found.hasPrefix($0) }) ?? Self.isSet(found)
            else {
                continue
            }
            evidence = name
            return
        }
        return nil
    }

    /// Forgejo and Gitea set GitHub's names too.
    private static let eventNames = ["GITHUB_EVENT_NAME", "FORGEJO_EVENT_NAME", "GITEA_EVENT_NAME"]

    /// Events besides `pull_request…` that run for, or after, somebody else's change
    /// (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
    private static let events: Set<String> = ["merge_group", "workflow_run", "issue_comment"]

    /// Variables of other CI systems, with how their value begins; `nil`: any value but "false".
    private static let signs: [(name: String, value: String?)] = [
        ("GITHUB_REF", "refs/pull/"), ("GITHUB_HEAD_REF", nil),
        ("CI_MERGE_REQUEST_ID", nil), ("CI_MERGE_REQUEST_IID", nil),
        ("CI_EXTERNAL_PULL_REQUEST_IID", nil), ("CI_PIPELINE_EVENT", "pull_request"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"), ("CI_PIPELINE_SOURCE", "external_pull_request_event"),
        ("BITBUCKET_PR_ID", nil), ("SYSTEM_PULLREQUEST_PULLREQUESTID", nil), ("CHANGE_ID", nil),
        ("TRAVIS_PULL_REQUEST", nil), ("BUILDKITE_PULL_REQUEST", nil), ("CIRCLE_PULL_REQUEST", nil),
        ("DRONE_PULL_REQUEST", nil), ("CIRRUS_PR", nil), ("APPVEYOR_PULL_REQUEST_NUMBER", nil),
    ]

    /// True if a file belongs to a checkout, whose content the pull request decides: its path, or the file that the path
    /// leads to, lies in a directory that has a `.git` above it, or in the job's workspace. Whether it is committed proves
    /// nothing: a link, a submodule or a script of the pull request can put it there.
    func isFromCheckout(_ path: String, _ environment: CommandEnvironment) -> Bool {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let workspaces = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BITBUCKET_CLONE_DIR"].compactMap {
            environment[$0]
        }
        .map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path + "/" }
        return [path, real].contains { file in
            workspaces.contains { file.hasPrefix($0) } || Self.hasRepositoryAbove(file)
        }
    }

    private static func hasRepositoryAbove(_ file: String) -> Bool {
        var directory = URL(fileURLWithPath: file).deletingLastPathComponent()
        while true {
            if access(directory.appendingPathComponent(".git").path, F_OK) == 0 { return true }
            if directory.path == "/" { return false }
            directory.deleteLastPathComponent()
        }
    }

    /// The origin of its settings, as messages show it.
    func origin(of file: String) -> String { "\(file) of a pull request (\(evidence))" }

    private static func isSet(_ value: String) -> Bool { !["false", "0"].contains(value.lowercased()) }
}
