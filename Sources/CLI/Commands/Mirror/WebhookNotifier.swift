import Deploy
import DeploySettings
import Essentials
import Git
import HTTP
import Reporting
import SpacesModel

/// Tells whoever wants to know that a Space's outcome is another than before: a POST with the result as JSON, whose
/// `text` Slack and its like show (https://api.slack.com/messaging/webhooks). A notice that is not delivered is a
/// warning: the deploy is done.
struct WebhookNotifier: Sendable {
    private let context: RunContext
    private let record: PassReport

    init(_ context: RunContext, _ record: PassReport) { (self.context, self.record) = (context, record) }

    func send(_ notices: [(report: DeployResult, url: Target.Sourced)]) async {
        for (report, place) in notices {
            guard let (url, authorization) = address(place.value) else {
                context.reporter.warn("notify of \(report.space) is no https URL, or its variable is not set")
                continue
            }
            var request = HTTPClientRequest(
                "POST", url, authorization: authorization, isRepeatable: false, responseLimit: 1 << 16)
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(Data(body(report).description.utf8))
            request.followsRedirects = false
            request.deadline = .seconds(10)
            do throws(HTTPError) {
                let answer = try await context.client { _ in }.send(request)
                guard !answer.isSuccess else { continue }
                warnUndelivered("\(url.host() ?? "it") answers status \(answer.status)", report)
            } catch {
                warnUndelivered(error.reason, report)
            }
        }
    }

    /// The address itself is a secret: whoever has it may write there.
    private func warnUndelivered(_ why: String, _ report: DeployResult) {
        context.reporter.warn("nobody was notified of \(report.space): \(why)")
    }

    /// The URL, and the user and password in it as the credential for its own origin.
    private func address(_ text: String) -> (URL, Authorization?)? {
        let value = text.hasPrefix("env:") ? context.environment[String(text.dropFirst(4))] : text
        guard let remote = value.flatMap({ try? RemoteURL($0) }), ["http", "https"].contains(remote.scheme),
            remote.scheme == "https" || remote.origin.isLoopback, let url = URL(remote.withoutUser)
        else { return nil }
        let words = [remote.user, remote.password].map { $0?.percentDecoded ?? $0 }
        guard let user = words[0] else { return (url, nil) }
        return (url, .basic(user: user, password: Secret(exactly: (words[1] ?? nil) ?? "")))
    }

    private func body(_ report: DeployResult) -> OrderedJSON {
        let failure = report.failure
        let words = failure.map { "\($0.message)" } ?? "\(report.space) is well again"
        let hint = (failure?.hint ?? report.hint).map { "\n\($0)" } ?? ""
        return .object([
            ("text", .string("\(report.space): \(report.outcome.rawValue): \(words)\(hint)")),
            ("event", .string("result")), ("space", .string(report.space.description)),
            ("outcome", .string(report.outcome.rawValue)), ("commit", .optional(report.commit)),
            ("source_commit", .optional(report.sourceCommit)), ("app_url", .optional(report.appURL)),
            ("stage", .optional(report.stage)), ("exit", .int(report.exitCode)),
            ("message", .optional(failure.map { ([$0.message] + $0.details).joined(separator: "\n") })),
            ("hint", .optional(failure?.hint ?? report.hint)),
        ])
    }
}
