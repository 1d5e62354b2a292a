import Deploy
import DeploySettings
import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `history`: lists the deploys of a Space.
enum HistoryCommand {
    static let command = Command(
        .history, flags: [numberFlag] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let context = try await SpaceCommandContext(
            invocation, invocation.positionals(1...1, like: "history owner/name"))
        let space = try context.space()
        let number = try number(invocation.arguments) ?? 20
        return await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let (commits, isAll) = try await hub.commits(upTo: max(1000, number)) { commits in
                commits.count { $0.historyEntry.isDeploy } > number
            }
            let info = try await hub.info()
            HistoryText(context: context, space: space, info: info).print(commits, isAll, limit: number)
        }
    }

    /// Returns `1 commit` or `3 commits`.
    static func commits(_ count: Int) -> String { count == 1 ? "1 commit" : "\(count) commits" }

    private static let numberFlag = Flag("--number -n", value: "N", "number of deploys to show (20)")

    /// Returns the value of `-n`; `nil` without the flag.
    /// - Throws: kind `usage` unless it is a number from 1 to 100,000.
    private static func number(_ arguments: Arguments) throws(DeployError) -> Int? {
        guard let text = arguments.value(numberFlag) else { return nil }
        guard let number = Int(text), number > 0, number <= 100_000 else {
            throw DeployError(
                .usage, "-n: invalid number of deploys \"\(text)\"",
                hint: "use a number from 1 to 100000: spacesync history owner/name -n 20")
        }
        return number
    }
}

/// The output of `history`: a line for each deploy, and one for the commits made on the Space
/// between two deploys.
private struct HistoryText: Sendable {
    let context: SpaceCommandContext
    let space: SpaceID
    let info: SpaceInfo

    private var style: Style { context.results.style }

    func print(_ commits: [SpaceCommit], _ isAll: Bool, limit: Int) {
        let history = DeployHistory(commits.map(\.historyEntry))
        let outcomes = context.outcomes(of: space, history, info)
        let shown = Array(history.deploys.prefix(limit))
        let dates = Dictionary(commits.map { ($0.id, $0.date) }) { first, _ in first }
        if let head = info.sha, let last = history.deploys.first,
            let commit = commits.first(where: { $0.id == last.commit.id })
        {
            context.runContext.lastDeploy(of: space).store(commit.cacheEntry(ofHead: head))
        }
        let table = Table(Self.columns, rows: shown.map { row($0, dates[$0.commit.id] ?? nil, outcomes) }) {
            row, column, cell in
            row != nil && column == 4 ? paint(outcome: cell) : cell
        }
        let (heading, lines) = table.lines(width: context.results.size?.width)
        if context.results.isTerminal, !shown.isEmpty { context.results.write(heading: heading) }
        for (deploy, line) in zip(shown, lines) {
            let edits =
                deploy.laterEditCount > 0
                ? [style.dim("   \(HistoryCommand.commits(deploy.laterEditCount)) not by spacesync")] : []
            context.results.write(
                space, text: edits + [line], quiet: deploy.commit.id.description,
                json: fields(of: deploy, dates[deploy.commit.id] ?? nil, outcomes))
        }
        logRemainder(history, commits.count, isAll, limit)
    }

    private static let columns: [Table.Column] = [
        .init("N", isRightAligned: true), .init("RELEASE", isRightAligned: true, rank: 2),
        .init("COMMIT"), .init("WHEN", rank: 1), .init("OUTCOME"), .init("SOURCE", fit: .middle, rank: 3),
        .init("BY", fit: .middle, rank: 4), .init("SUBJECT", fit: .end),
    ]

    private func paint(outcome: String) -> String {
        if outcome.hasPrefix("failed") { return style.red(outcome) }
        return outcome.hasPrefix("ran") ? style.green(outcome) : style.yellow(outcome)
    }

    private func logRemainder(_ history: DeployHistory, _ count: Int, _ isAll: Bool, _ limit: Int) {
        if history.deploys.isEmpty {
            let range = isAll ? "" : " in the last \(count) commits"
            return context.log("no deploys of \(space) by spacesync\(range)", about: space)
        }
        guard history.deploys.count <= limit else {
            return context.log("show more: spacesync history \(space) -n \(limit * 5)", about: space)
        }
        if !isAll { context.log("only the last \(count) commits were searched", about: space) }
    }

    private func row(_ deploy: DeployRecord, _ date: String?, _ outcomes: DeployOutcomes) -> [String] {
        let trailers = deploy.commit.trailers
        let source = trailers["Source-Commit"].map { String($0.prefix(7)) } ?? ""
        return [
            "\(deploy.number)", deploy.release.map { "v\($0)" } ?? "", deploy.commit.id.short,
            RelativeTime.ago(date),
            outcome(of: deploy, outcomes).replacing("_", with: " ")
                + (stage(of: deploy).map { ", \($0)" } ?? ""),
            [trailers["Source-Branch"]?.shortened(to: ShownLimit.branch), source].compactMap { $0 }.joined(
                separator: " "),
            (trailers["Deployed-By"] ?? "").shortened(to: ShownLimit.branch),
            deploy.commit.subject.shortened(to: ShownLimit.subject),
        ].map(\.visible)
    }

    private func outcome(of deploy: DeployRecord, _ outcomes: DeployOutcomes) -> String {
        deploy.isRolledBack ? "rolled_back" : outcomes[deploy.commit.id].rawValue
    }

    /// Returns the Space's stage if the deploy is its head or its running commit, otherwise `nil`.
    private func stage(of deploy: DeployRecord) -> Stage? {
        guard let runtime = info.runtime else { return nil }
        let isCurrent =
            runtime.sha.map { $0 == deploy.commit.id }
            ?? (deploy.number == 0 && deploy.laterEditCount == 0)
        return isCurrent || info.sha == deploy.commit.id ? runtime.stage : nil
    }

    private func fields(of deploy: DeployRecord, _ date: String?, _ outcomes: DeployOutcomes) -> JSON.Object {
        let trailers = deploy.commit.trailers
        return [
            "number": .int(deploy.number), "release": deploy.release.map(JSON.int) ?? .null,
            "commit": .string(deploy.commit.id.description),
            "date": .optional(date), "subject": .string(deploy.commit.subject),
            "source_repository": .optional(trailers["Source-Repository"]),
            "source_branch": .optional(trailers["Source-Branch"]),
            "source_commit": .optional(trailers["Source-Commit"]),
            "deployed_by": .optional(trailers["Deployed-By"]),
            "outcome": .string(outcome(of: deploy, outcomes)),
            "stage": .optional(stage(of: deploy)),
            "rolled_back": .array(trailers.rolledBackCommits.map { .string($0.description) }),
            "rolled_back_to": .optional(trailers.rolledBackTo),
            "promoted_from": .optional(trailers["Promoted-From"]),
            "edits_upon": .int(deploy.laterEditCount),
        ]
    }
}
