import Deploy
import DeploySettings
import Essentials
import Git
import HTTP
import Reporting
import SpacesModel
import TextTools

/// Sends a notification when the outcome of a Space changes: a POST of the result as JSON. Its
/// `text` is what Slack and similar services show (https://api.slack.com/messaging/webhooks). A
/// failed notification is only a warning, because the deploy is done.
struct WebhookNotifier: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    func send(_ notices: [(report: DeployResult, url: Target.Sourced)]) async {
        for (report, destination) in notices {
            guard let (url, authorization) = address(destination.value) else {
                context.reporter.send(
                    .warning("notify of \(report.space) is no https URL, or its variable is not set"))
                continue
            }
            var request = HTTPClientRequest(
                "POST", url, authorization: authorization, isRepeatable: false, responseLimit: 1 << 16)
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(body(report).data)
            request.followsRedirects = false
            request.deadline = .seconds(10)
            do throws(HTTPError) {
                let response = try await context.client { _ in }.send(request)
                guard !response.isSuccess else { continue }
                warnUndelivered("\(url.host() ?? "it") answers status \(response.status)", report)
            } catch {
                warnUndelivered(error.reason, report)
            }
        }
    }

    /// The URL is not printed, because it is a secret: it authorises anyone to post.
    private func warnUndelivered(_ reason: String, _ report: DeployResult) {
        context.reporter.send(.warning("nobody was notified of \(report.space): \(reason)"))
    }

    /// The URL, and the credentials in it, which are sent only to the URL's own origin.
    private func address(_ text: String) -> (URL, Authorization?)? {
        let value = text.hasPrefix("env:") ? context.environment[String(text.dropFirst(4))] : text
        guard let remote = value.flatMap({ try? RemoteURL($0) }), ["http", "https"].contains(remote.scheme),
            remote.scheme == "https" || remote.origin.isLoopback, let url = URL(remote.withoutUser)
        else { return nil }
        let userInfo = [remote.user, remote.password].map { $0?.percentDecoded ?? $0 }
        guard let user = userInfo[0] else { return (url, nil) }
        return (url, .basic(user: user, password: Secret(exactly: (userInfo[1] ?? nil) ?? "")))
    }

    private func body(_ report: DeployResult) -> JSON {
        let summary = report.failure?.message ?? "\(report.space) is well again"
        let hint = (report.failure?.hint ?? report.hint).map { "\n\($0)" } ?? ""
        let fields = TargetResult(report, RunStatistics(endpoint: "")).fields(log: false)
        var body: JSON.Object = [
            "text": .string("\(report.space): \(report.outcome.rawValue): \(summary)\(hint)"),
            "event": "result", "space": .string(report.space.description),
        ]
        for name in ["outcome", "commit", "source_commit", "app_url", "stage", "exit", "message", "hint"] {
            body[name] = fields[name]
        }
        // Only an error has a message here.
        if report.failure == nil { body["message"] = .null }
        return .object(body)
    }
}
