import Deploy
import SpacesModel
import TextTools

/// A failure on a terminal: each fact once. First the step that failed, then the end of its output, the
/// cause, the fix, and the other commands that help.
struct FailureLines: Sendable {
    private let failure: DeployError
    private let deploy: DeployResult
    private let fold: BuildFold
    private let runLog: [String]
    private let options: TargetScreen.Options

    init(
        _ failure: DeployError, _ deploy: DeployResult, fold: BuildFold, runLog: [String],
        options: TargetScreen.Options
    ) {
        (self.failure, self.deploy, self.fold) = (failure, deploy, fold)
        (self.runLog, self.options) = (runLog, options)
    }

    /// - Parameters:
    ///   - step: the text of the step that was under way; `nil` if there was none.
    ///   - took: how long the current activity took.
    func lines(step: String?, took: Duration?) -> [ScreenLine] {
        if failure.cause == .declined { return [.note(failure.message.visible)] }
        guard let report = failure.report else { return plainLines(step: step, took: took) }
        let headline = report.step.map(fold.numbered) ?? failure.message.visible
        return [.step(.failed, name: name, text: headline, took: took)] + excerpt(report)
            + explanation(report)
    }

    /// The lines of an error of another kind.
    private func plainLines(step: String?, took: Duration?) -> [ScreenLine] {
        let headline = step.map { [ScreenLine.step(.failed, name: $0, text: "", took: took)] } ?? []
        let log = options.isVerbose ? [] : failure.log.suffix(BuildFold.maxShownLines)
        return headline + log.map { .note($0.visible, .dim, indent: 4, hanging: 2) }
            + ErrorText(failure, style: options.style).screenLines
    }

    private var name: String {
        switch deploy.stage {
        case .buildError: "build failed"
        case .runtimeError: "app failed"
        case .configError: "invalid card"
        case .noAppFile: "no app file"
        default: deploy.outcome.displayName
        }
    }

    /// The end of the output of what failed, unless it was shown as it arrived, and what else is known.
    private func excerpt(_ report: FailureReport) -> [ScreenLine] {
        let log = deploy.stage == .buildError ? fold.failedOutput : failure.log.map(\.visible)
        let shown = log.filter { !repeatsStep($0, report) }.suffix(BuildFold.maxShownLines)
        // The error is the first fact of many: lines that repeat it are left out.
        let facts = failure.details.map(\.visible).filter { detail in
            detail != report.stepDetail && !repeatsStep(detail, report)
                && !shown.contains { isSame($0, detail) }
        }
        return
            (options.isVerbose
            ? []
            : shown.map { line in
                let isError = report.firstError.map { isSame(line, $0.visible) } ?? false
                return .note(
                    isError ? options.style.red(line) : line, isError ? .plain : .dim, indent: 4, hanging: 2)
            }) + facts.map { .note($0, indent: 4, hanging: 2) }
    }

    /// Whether the line is the builder's last one, which repeats the step, and has no other exit code than 1.
    private func repeatsStep(_ line: String, _ report: FailureReport) -> Bool {
        report.step != nil && line.contains("did not complete successfully") && line.hasSuffix("exit code: 1")
    }

    /// Whether one line contains the other, apart from what the Hub puts before it.
    private func isSame(_ line: String, _ other: String) -> Bool {
        let (line, other) = (core(line), core(other))
        guard !line.isEmpty, !other.isEmpty else { return line == other }
        return line.contains(other) || other.contains(line) && line.count >= 12
    }

    private func core(_ line: String) -> String {
        let text = line.trimmed
        guard let range = text.firstRange(of: "Reason: ") else { return text }
        return String(text[range.upperBound...])
    }

    /// The cause, the fix, and the other hints, one command each.
    private func explanation(_ report: FailureReport) -> [ScreenLine] {
        var hints = (failure.hint ?? "").split(separator: "\n").map { String($0).visible }
        var result: [ScreenLine] = []
        if let why = report.why?.visible, let first = hints.first, first.hasPrefix(why + ": ") {
            result.append(.field("cause", why))
            hints[0] = String(first.dropFirst(why.count + 2))
        }
        if let fix = hints.first { result.append(.field("fix", fix)) }
        var others = Array(hints.dropFirst())
        if let kind = report.log {
            let flag = kind == .build ? " --build" : ""
            let command = "spacesync logs \(deploy.space)\(flag)"
            let count = kind == .build && fold.count > 0 ? ", \(fold.count) lines" : ""
            if !hints.contains(where: { $0.contains(command) }) {
                others.append(options.complete(command, deploy.space).visible + "  (full log\(count))")
            }
        }
        return result + others.enumerated().map { .field($0 == 0 ? "else" : "", $1) }
    }
}
