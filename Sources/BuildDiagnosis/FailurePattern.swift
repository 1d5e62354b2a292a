import SpacesModel

/// A row of the tables of known failures: the log lines that identify a failure, its cause, and its texts.
///
/// `why` is one clause that says what is wrong; `fix` says how to fix it, with commands as they are typed.
/// Both are templates (`TextTemplate`) with the values that `line` and `conditions` captured.
struct FailurePattern: Sendable {
    enum Confidence: Int, Comparable, Sendable {
        /// Used only if nothing else matches: an exit code, a word that many programs print.
        case weak
        case likely
        case certain
        /// Stated by the Hub itself.
        case hub
        static func < (one: Confidence, other: Confidence) -> Bool { one.rawValue < other.rawValue }
    }

    let cause: DiagnosedCause
    let line: LinePattern
    let confidence: Confidence
    /// All of them must hold; they are evaluated in order.
    let conditions: [Condition]
    let why: String
    let fix: String

    init(
        _ cause: DiagnosedCause, _ line: LinePattern, _ confidence: Confidence = .certain,
        when conditions: [Condition] = [], why: String, fix: String
    ) {
        (self.cause, self.line, self.confidence) = (cause, line, confidence)
        (self.conditions, self.why, self.fix) = (conditions, why, fix)
    }

    /// If several patterns of the same confidence match one line, the first counts.
    static let all: [FailurePattern] =
        HubFailures.patterns + PythonFailures.patterns + NodeFailures.patterns + ServiceFailures.patterns
        + PermissionFailures.patterns + SystemFailures.patterns + HubFailures.models

    /// Returns the line with the values of all conditions; `nil` if the line or a condition does not match.
    func match(_ candidate: LogMatch) -> LogMatch? {
        guard let captures = line.captures(in: candidate.line) else { return nil }
        var match = candidate
        match.values.merge(captures) { first, _ in first }
        for condition in conditions {
            guard let values = condition.values(in: match) else { return nil }
            match.values.merge(values) { first, _ in first }
        }
        return match
    }
}

/// A condition of a failure pattern. Conditions capture values for the texts, too.
indirect enum Condition: Sendable {
    /// The build failed, or the app.
    case build, app
    /// The line is not marked as a warning.
    case error
    /// The line is part of the Hub's error message.
    case fromHub
    /// The line matches this pattern, too.
    case line(LinePattern)
    /// One of the lines around matches; the line itself has the offset 0.
    case lines(Range<Int>, LinePattern)
    /// Any line of the log matches.
    case log(LinePattern)
    /// A value was captured.
    case captured(String)
    /// A value was captured and matches, in lower case.
    case value(String, LinePattern)
    /// A value was captured and is a key of the table, whose entry becomes another value.
    case lookup(String, [String: String], as: String)
    case not(Condition)
    case any([Condition])
    /// Holds always, and adds the values of the condition if that holds.
    case optional(Condition)
    /// Holds unless the function returns `nil`.
    case computed(@Sendable (LogMatch) -> [String: String]?)

    /// Returns the captured values; `nil` if the condition does not hold.
    func values(in match: LogMatch) -> [String: String]? {
        switch self {
        case .build: match.isBuild ? [:] : nil
        case .app: match.isBuild ? nil : [:]
        case .error: match.line.isWarning ? nil : [:]
        case .fromHub: match.line.isFromHub ? [:] : nil
        case .line(let pattern): pattern.captures(in: match.line)
        case .lines(let offsets, let pattern): pattern.captures(in: match.lines(offsets))
        case .log(let pattern): pattern.captures(in: match.log[...])
        case .captured(let name): match[name] == nil ? nil : [:]
        case .value(let name, let pattern):
            match[name].flatMap { pattern.captures(in: NormalizedLine($0, ignoresCase: false)) }
        case .lookup(let name, let table, let result):
            match[name].flatMap { table[$0] }.map { [result: $0] }
        case .not(let condition): condition.values(in: match) == nil ? [:] : nil
        case .any(let conditions): conditions.lazy.compactMap { $0.values(in: match) }.first
        case .optional(let condition): condition.values(in: match) ?? [:]
        case .computed(let function): function(match)
        }
    }
}

/// A log line that is compared with the patterns, with the lines around it and the captured values.
struct LogMatch: Sendable {
    let context: FailureContext
    let log: [NormalizedLine]
    let index: Int
    /// Whether the line is at or after the app's last exception; always true in a build and without
    /// a traceback.
    let isAtFailure: Bool
    /// The captured values; also `space`, and `build` and `docker` if they apply.
    var values: [String: String]

    init(_ context: FailureContext, _ log: [NormalizedLine], _ index: Int, isAtFailure: Bool) {
        (self.context, self.log, self.index, self.isAtFailure) = (context, log, index, isAtFailure)
        values = ["space": "\(context.space)"]
        if isBuild { values["build"] = "" }
        if isDocker { values["docker"] = "" }
    }

    subscript(name: String) -> String? { values[name] }
    var line: NormalizedLine { log[index] }
    var isBuild: Bool { context.isBuild }
    var isDocker: Bool { context.sdk.map { $0 == "docker" } ?? true }

    /// Returns the lines at offsets from this one, as far as the log has them.
    func lines(_ offsets: Range<Int>) -> ArraySlice<NormalizedLine> {
        log[max(0, index + offsets.lowerBound)..<min(log.count, index + offsets.upperBound)]
    }
}
