import SpacesModel
import TextTools

extension DeployResult {
    package var redacted: DeployResult {
        var result = self
        result.failure = failure?.redacted
        result.hint = hint?.redacted
        return result
    }
}

extension Event {
    /// The event with its free text redacted. Paths, logs of the app and diffs stay as they are.
    package var redacted: Event {
        switch self {
        case .step(let text): .step(text.redacted)
        case .detail(let text): .detail(text.redacted)
        case .warning(let text, let finding): .warning(text.redacted, finding)
        case .remote(let line): .remote(line.redacted)
        case .retry(let what, let attempt, let wait, let why):
            .retry(what: what.redacted, attempt: attempt, wait: wait, why: why.redacted)
        default: self
        }
    }
}
