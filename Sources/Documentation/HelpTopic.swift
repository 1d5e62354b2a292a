/// A topic of the reference: a Markdown file in `Topics`, which is also the text of `help TOPIC`.
package struct HelpTopic: Hashable, Sendable {
    /// The name of the file, without `.md`.
    package let name: String
    /// One line of at most 50 characters, for the list of all topics.
    package let summary: String
    private let content: [UInt8]

    package var markdown: String { String(decoding: content, as: UTF8.self) }

    private init(_ name: String, _ summary: String, _ content: [UInt8]) {
        (self.name, self.summary, self.content) = (name, summary, content)
    }

    package static func named(_ name: String) -> HelpTopic? { all.first { $0.name == name } }

    /// All topics, in the order of the README.
    package static let all: [HelpTopic] = [
        HelpTopic("commands", "all commands", PackageResources.commands_md),
        HelpTopic("settings", "all settings, files and trust", PackageResources.settings_md),
        HelpTopic("source-files", "which files are deployed", PackageResources.source_files_md),
        HelpTopic(
            "card-and-dockerfile", "README card, Dockerfile and base image",
            PackageResources.card_and_dockerfile_md),
        HelpTopic("large-files", "binary files and Git LFS", PackageResources.large_files_md),
        HelpTopic(
            "app-configuration", "secrets, variables, hardware and volumes",
            PackageResources.app_configuration_md),
        HelpTopic("tokens", "where tokens are found, where they are sent", PackageResources.tokens_md),
        HelpTopic(
            "environment", "environment variables, proxies, certificates", PackageResources.environment_md),
        HelpTopic("guards", "what stops a push, and what to do", PackageResources.guards_md),
        HelpTopic("builds-and-probes", "what a push waits for", PackageResources.builds_and_probes_md),
        HelpTopic(
            "deploy-history", "earlier deploys, rollback and promote", PackageResources.deploy_history_md),
        HelpTopic("switching", "from hf upload, hub-sync or git", PackageResources.switching_md),
        HelpTopic("git-server", "deploy with a post-receive hook", PackageResources.git_server_md),
        HelpTopic("schedule", "cron, systemd and Kubernetes", PackageResources.schedule_md),
        HelpTopic("ci", "GitHub Actions and other CI systems", PackageResources.ci_md),
        HelpTopic("output", "text, JSON and notifications", PackageResources.output_md),
        HelpTopic("exit-codes", "all exit codes", PackageResources.exit_codes_md),
        HelpTopic("privacy", "what is sent where, and stored", PackageResources.privacy_md),
        HelpTopic("limits", "limits of what is read", PackageResources.limits_md),
        HelpTopic("benchmarks", "time, requests and memory", PackageResources.benchmarks_md),
        HelpTopic("troubleshooting", "common problems", PackageResources.troubleshooting_md),
    ]
}
