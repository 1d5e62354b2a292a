import Deploy
import Essentials
import Git
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The output of `status`: a block for a single Space, a table for several.
struct StatusText: Sendable {
    let context: SpaceCommandContext
    let hardware: [Hardware]

    /// The deploys by the hook of the current repository; `nil` outside a repository.
    private var hookHistory: HookHistory? {
        context.loaded.currentRepository.map {
            HookHistory(of: $0.source.gitDirectory, context.invocation.environment)
        }
    }

    private var style: Style { context.results.style }

    func print(_ states: [SpaceStatus], asTable: Bool) {
        states.forEach(remember)
        guard asTable else {
            return states.forEach { print($0, block(of: $0)) }
        }
        let width = context.results.size?.width
        let states =
            context.results.isTerminal ? states.filter(\.isBroken) + states.filter { !$0.isBroken } : states
        let stages = states.map { $0.runtime?.stage }
        let table = Table(Self.columns, rows: states.map(row)) { row, column, cell in
            guard column == 1, let row, let stage = stages[row] else { return cell }
            return style.of(stage, cell)
        }
        let (heading, lines) = table.lines(width: width)
        if !states.isEmpty { context.results.write(heading: heading) }
        for (state, line) in zip(states, lines) { print(state, [line]) }
    }

    private static let columns: [Table.Column] = [
        .init("SPACE", fit: .middle), .init("STAGE"), .init("HARDWARE", rank: 3),
        .init("AN HOUR", isRightAligned: true, rank: 4), .init("SEEN BY", rank: 5), .init("HEAD", rank: 6),
        .init("SOURCE", rank: 1), .init("EDITS", rank: 0), .init("CHANGED", rank: 2),
    ]

    /// Stores the last deploy, for `list`.
    private func remember(_ state: SpaceStatus) {
        guard let head = state.record.info.sha, let deploy = state.deploy else { return }
        context.runContext.lastDeploy(of: state.space).store(deploy.cacheEntry(ofHead: head))
    }

    private func print(_ state: SpaceStatus, _ lines: [String]) {
        context.results.write(
            state.space, text: lines, quiet: state.space.description, json: fields(of: state))
    }

    private func row(_ state: SpaceStatus) -> [String] {
        let commit = state.deploy?.trailers["Source-Commit"].map { String($0.prefix(7)) }
        let later = state.commitsSinceDeploy.flatMap { $0 > 0 ? "+\($0)" : nil }
        return [
            state.space.description, state.runtime?.stage.rawValue ?? "?", name(state) ?? "",
            price(state).map { $0.columns[0] } ?? "", state.record.visibility ?? "",
            state.record.info.sha?.short ?? "", commit ?? "", later ?? "",
            RelativeTime.ago(state.head?.date ?? state.record.lastModified),
        ].map(\.visible)
    }

    private func name(_ state: SpaceStatus) -> String? { state.runtime?.shownHardware }

    private func price(_ state: SpaceStatus) -> Price? {
        let name = name(state)
        return hardware.first { $0.name == name }?.price
    }

    private func block(of state: SpaceStatus) -> [String] {
        let stage = state.runtime.map { style.of($0.stage) } ?? "?"
        var rows = error(of: state).map { ["", $0] }
        rows += [["head", head(of: state)], ["source", source(of: state)]]
        if let later = state.commitsSinceDeploy, later > 0 {
            let line = context.runContext.commandHints.complete(
                "spacesync drift \(state.space)", of: state.space)
            rows.append(["drift", "\(HistoryCommand.commits(later)) after the deploy: \(line)"])
        }
        if let rollback = rollback(of: state) { rows.append(["rollback", rollback]) }
        if let last = hookHistory?.last(of: state.space) {
            rows.append([
                "hook", "\(last.entry.branch) \(last.entry.source.prefix(7)) \(last.state), \(last.age)",
            ])
            rows.append(["", last.logPath])
        }
        rows += [
            ["hardware", machine(of: state)],
            [
                "kind",
                [state.record.info.sdk, state.record.visibility].compactMap { $0 }.joined(separator: ", "),
            ],
            ["app", state.record.info.appURL ?? ""],
            ["page", "\(context.runContext.endpoint)/spaces/\(state.space)"],
        ]
        return ["\(style.bold(state.space.description)) \(stage)"] + lines(of: rows.filter { !$0[1].isEmpty })
    }

    /// Returns the lines of pairs of name and text, which is wrapped on a terminal.
    private func lines(of rows: [[String]]) -> [String] {
        let nameWidth = rows.map(\.[0].cellWidth).max() ?? 0
        let width = context.results.size?.width
        return rows.flatMap { row in
            let line = "  \(row[0].padded(to: nameWidth))  \(row[1].visible)"
            return width.map { line.wrapped(to: $0, indent: nameWidth + 4) } ?? [line]
        }
    }

    /// The command to roll back a failed deploy; `nil` if the deploy has not failed, or there is no
    /// earlier one.
    private func rollback(of state: SpaceStatus) -> String? {
        guard state.runtime?.stage.isBroken == true else { return nil }
        let history = DeployHistory(state.commits.map(\.historyEntry))
        let outcomes = context.outcomes(of: state.space, history, state.record.info)
        let earlier = history.earlierDeploys().first { outcomes[$0.commit.id] != .failed }
        guard let earlier else { return nil }
        let ran =
            outcomes[earlier.commit.id] == .ran ? "which ran" : "whose outcome is unknown"
        let line = context.runContext.commandHints.complete(
            "spacesync rollback \(state.space)", of: state.space)
        return "\(line) restores \(earlier.name), \(ran)"
    }

    /// The lines of the Hub's error message, at most 12.
    private func error(of state: SpaceStatus) -> [String] {
        let lines = (state.runtime?.errorMessage ?? "").split(whereSeparator: \.isNewline).map { String($0) }
        return lines.count > 12 ? Array(lines.prefix(12)) + ["…"] : lines
    }

    private func head(of state: SpaceStatus) -> String {
        guard let sha = state.record.info.sha else { return "no commit" }
        let title = state.head.map { ", \($0.title)" } ?? ""
        let runs: String =
            switch state.runsHead {
            case true?: ", runs"
            case false?: "; \(state.runtime?.sha?.short ?? "another commit") runs"
            case nil: ""
            }
        return
            "\(sha.short)\(title), \(RelativeTime.ago(state.head?.date ?? state.record.lastModified))\(runs)"
    }

    private func source(of state: SpaceStatus) -> String {
        guard let deploy = state.deploy, let commit = deploy.trailers["Source-Commit"] else {
            return state.commits.isEmpty
                ? ""
                : "unknown: no deploy by spacesync in the last \(HistoryCommand.commits(state.commits.count))"
        }
        let branch =
            deploy.trailers["Source-Branch"].map { " of \($0.shortened(to: ShownLimit.branch))" } ?? ""
        let repository =
            deploy.trailers["Source-Repository"].map { ", \($0.shortened(to: 500).redactedURL)" } ?? ""
        let actor =
            deploy.trailers["Deployed-By"].map { ", deployed by \($0.shortened(to: ShownLimit.branch))" }
            ?? ""
        let age = state.commitsSinceDeploy == 0 ? "" : ", \(RelativeTime.ago(deploy.date))"
        return "\(commit.prefix(7))\(branch)\(repository)\(actor)\(age)"
    }

    private func machine(of state: SpaceStatus) -> String {
        guard let name = name(state) else { return "" }
        let price = price(state).map { $0.isFree ? ", free" : ", \($0.cost(hours: 1)) an hour" } ?? ""
        let requested = state.runtime?.requestedHardware
        let requestedText = requested.flatMap { $0 != name ? ", \($0) requested" : nil } ?? ""
        let sleep = state.runtime?.sleepTime.map { ", sleeps \($0.longDescription)" } ?? ""
        let devMode = state.isInDevMode ? ", dev mode on" : ""
        return name + price + requestedText + sleep + devMode
    }

    private func fields(of state: SpaceStatus) -> JSON.Object {
        let (record, deploy) = (state.record, state.deploy)
        return (state.runtime?.fields ?? ["stage": .null]) + [
            "dollars_per_hour": price(state).map { .double($0.dollarsPerHour) } ?? .null,
            "dev_mode": .bool(state.isInDevMode),
            "sdk": .optional(record.info.sdk), "visibility": .optional(record.visibility),
            "head": .optional(record.info.sha), "head_title": .optional(state.head?.title),
            "head_date": .optional(state.head?.date), "last_modified": .optional(record.lastModified),
            "runs_head": state.runsHead.map(JSON.bool) ?? .null,
            "deploy": .optional(deploy?.id),
            "source_commit": .optional(deploy?.trailers["Source-Commit"]),
            "source_branch": .optional(deploy?.trailers["Source-Branch"]),
            "source_repository": .optional(deploy?.trailers["Source-Repository"]?.redactedURL),
            "deployed_by": .optional(deploy?.trailers["Deployed-By"]),
            "commits_since_deploy": state.commitsSinceDeploy.map(JSON.int) ?? .null,
            "app_url": .optional(record.info.appURL),
            "hook": hookHistory?.last(of: state.space)?.json ?? .null,
            "space_url": .string("\(context.runContext.endpoint)/spaces/\(state.space)"),
            "hub": record.json.sortedByKey,
        ]
    }
}

extension SpaceStatus {
    fileprivate var isBroken: Bool { runtime?.stage.isBroken == true }
}

extension SpaceCommit {
    /// Returns the deploy that this commit made, as `list` shows it.
    /// - Parameter head: the Space's head, which may have later commits.
    func cacheEntry(ofHead head: ObjectID) -> DeployCache.Entry {
        DeployCache.Entry(
            head: head, time: date.flatMap { Date(hub: $0) }.map { Int64($0.timeIntervalSince1970) },
            source: trailers["Source-Commit"].flatMap { ObjectID($0) }, branch: trailers["Source-Branch"])
    }
}
