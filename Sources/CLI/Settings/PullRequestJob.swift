import Essentials

/// A CI job that runs for a pull request: the files of its checkout were written by anyone who can
/// open one.
struct PullRequestJob: Hashable, Sendable {
    /// The environment variable that shows it: `GITHUB_EVENT_NAME=pull_request`.
    let evidence: String

    /// Returns `nil` if the environment is not that of a job for a pull request.
    init?(_ environment: CommandEnvironment) {
        for name in Self.eventNames {
            guard let event = environment[name]?.lowercased() else { continue }
            if event.hasPrefix("pull_request") || Self.events.contains(event) {
                evidence = "\(name)=\(event)"
                return
            }
        }
        for (name, value) in Self.signs {
            guard let variable = environment[name],
                value.map({ variable.hasPrefix($0) }) ?? Self.isSet(variable)
            else {
                continue
            }
            evidence = name
            return
        }
        return nil
    }

    /// Forgejo and Gitea also set GitHub's names.
    private static let eventNames = ["GITHUB_EVENT_NAME", "FORGEJO_EVENT_NAME", "GITEA_EVENT_NAME"]

    /// Events besides `pull_request…` that run for, or after, another person's change
    /// (https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows).
    private static let events: Set<String> = ["merge_group", "workflow_run", "issue_comment"]

    /// Variables of other CI systems, with the required prefix of the value; `nil` if any value but
    /// "false" and "0" counts.
    private static let signs: [(name: String, value: String?)] = [
        ("GITHUB_REF", "refs/pull/"), ("GITHUB_HEAD_REF", nil),
        ("CI_MERGE_REQUEST_ID", nil), ("CI_MERGE_REQUEST_IID", nil),
        ("CI_EXTERNAL_PULL_REQUEST_IID", nil), ("CI_PIPELINE_EVENT", "pull_request"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"), ("CI_PIPELINE_SOURCE", "external_pull_request_event"),
        ("BITBUCKET_PR_ID", nil), ("SYSTEM_PULLREQUEST_PULLREQUESTID", nil), ("CHANGE_ID", nil),
        ("TRAVIS_PULL_REQUEST", nil), ("BUILDKITE_PULL_REQUEST", nil), ("CIRCLE_PULL_REQUEST", nil),
        ("DRONE_PULL_REQUEST", nil), ("CIRRUS_PR", nil), ("APPVEYOR_PULL_REQUEST_NUMBER", nil),
    ]

    /// Whether a file belongs to a checkout, whose content the pull request controls: its path, or
    /// the target of its path, is in a directory with a `.git` above it or in the job's workspace.
    /// Being untracked is no proof of the contrary: a link, a submodule or a script of the pull
    /// request can create the file.
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

    /// Returns the origin of the file's settings, for messages.
    func origin(of file: String) -> String { "\(file) of a pull request (\(evidence))" }

    private static func isSet(_ value: String) -> Bool { !["false", "0"].contains(value.lowercased()) }
}
