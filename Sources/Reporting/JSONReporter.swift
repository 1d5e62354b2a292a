import Deploy
import Essentials
import SpacesModel
import TextTools

/// Prints events as JSON on standard output, one object per line.
package struct JSONReporter: Reporter {
    package let out: Terminal
    package let err: Terminal
    package var now: @Sendable () -> Date = { Date() }

    package init(out: Terminal, err: Terminal) { (self.out, self.err) = (out, err) }

    package func send(_ message: ReporterMessage) {
        switch message {
        case .event(let event, let space, _):
            if let (name, fields) = Self.fields(event) { emit(name, space, fields) }
        case .result(let result), .silentResult(let result): emit("result", result.space, result.fields())
        case .error(let error): emit("result", nil, TargetResult.fields(of: error))
        case .warning(let text): emit("warning", nil, ["message": .string(text)])
        case .begin, .activeTarget, .info, .promptBegin, .promptEnd, .end: break
        }
    }

    private func emit(_ event: String, _ space: SpaceID?, _ fields: JSON.Object) {
        out.write(Self.object(event, space, fields, at: now()).text + "\n")
    }

    /// Returns an event: the common fields, then its own.
    package static func object(
        _ event: String, _ space: SpaceID?, _ fields: JSON.Object, at date: Date = Date()
    ) -> JSON {
        let time = date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true)
                .timeZone(separator: .omitted))
        let head: JSON.Object = [
            "event": .string(event), "time": .string(time),
            "space": .optional(space?.isFolder == true ? nil : space),
        ]
        return .object(head + fields)
    }
}

extension JSONReporter {
    /// Returns the name and the fields of an event; `nil` for events that only text output shows.
    private static func fields(_ event: Event) -> (String, JSON.Object)? {
        switch event {
        case .step, .detail, .uploading, .token, .source, .target: nil
        case .warning(let text, _): ("warning", ["message": .string(text)])
        case .read(let source, let head):
            ("read", ["source_commit": .string(source.description), "space_head": .optional(head)])
        case .planned(let plan): ("planned", planned(plan))
        case .finding(let finding): ("finding", found(finding))
        case .drifted(let file): ("drift", drifted(file))
        case .configured(let change): ("configured", configured(change))
        case .uploaded(let path, let size, let sha256):
            ("uploaded", ["path": .optional(path), "size": .int(size), "sha256": .string(sha256)])
        case .pushed(let commit): ("pushed", ["commit": .optional(commit)])
        case .exported(let directory, let files, let size):
            ("exported", ["dir": .string(directory), "files": .int(files), "size": .int(size)])
        case .remote(let line): ("remote", ["line": .string(line)])
        case .stage(let stage): ("stage", ["stage": .optional(stage)])
        case .log(let kind, let line):
            ("log", ["stream": .string(kind.rawValue), "line": .string(line.text)])
        case .probed(_, let url, let status, let ok):
            ("probed", ["url": .string(url), "status": status.map(JSON.int) ?? .null, "ok": .bool(ok)])
        case .retry(let operation, let attempt, let wait, let reason):
            (
                "retry",
                [
                    "what": .string(operation), "attempt": .int(attempt),
                    "wait_ms": .int(Int(wait / .milliseconds(1))), "why": .string(reason),
                ]
            )
        }
    }

    private static func found(_ finding: Finding) -> JSON.Object {
        [
            "severity": .string(finding.severity.name), "path": .optional(finding.path),
            "line": finding.line.map(JSON.int) ?? .null, "rule": .string(finding.rule.rawValue),
            "reason": .string(finding.reason), "fix": .string(finding.fix),
            // The former name of the field, for one release.
            "mend": .string(finding.fix),
        ]
    }

    private static func drifted(_ file: DriftedFile) -> JSON.Object {
        let text = file.patch.flatMap { String(validating: $0, as: UTF8.self) }
        let isBinary = file.patch != nil && text == nil
        let notes = file.notes + (isBinary ? ["the patch is not UTF-8: run the command without --json"] : [])
        return [
            "path": .optional(file.path), "change": .string(file.kind.rawValue),
            "merged": .bool(file.isMerged), "source_path": .optional(file.sourcePath),
            "keys": .array(file.keys.map(JSON.string)), "notes": .array(notes.map(JSON.string)),
            "patch": .optional(text),
        ]
    }

    private static func configured(_ change: ConfigurationChange) -> JSON.Object {
        [
            "setting": .string(change.subject.description), "change": .string(change.kind.rawValue),
            "why": .string(change.why), "stake": .optional(change.costWarning),
        ]
    }

    private static func planned(_ plan: Plan) -> JSON.Object {
        let kinds: [Change.Kind] = [.added, .updated, .removed, .kept]
        var fields = JSON.Object(kinds.map { ($0.rawValue, .int(plan.count($0))) })
        fields["lfs"] = .int(plan.changes.count { $0.lfs != nil })
        fields["changes"] = .array(plan.changes.map { .object(changed($0)) })
        if !plan.commits.isEmpty {
            fields["commits"] = .array(
                plan.commits.map { ["id": .string($0.id.description), "subject": .string($0.subject)] })
        }
        if !plan.configurationChanges.isEmpty {
            fields["settings"] = .array(plan.configurationChanges.map { .object(configured($0)) })
        }
        return fields
    }

    private static func changed(_ change: Change) -> JSON.Object {
        var fields: JSON.Object = [
            "path": .optional(change.path), "change": .string(change.kind.rawValue),
            "why": .string(change.why),
        ]
        fields["diff"] = change.diff.map { .string(String(decoding: $0, as: UTF8.self)) }
        return fields
    }
}
