import HTTPServer
import TextTools

/// A request that the Hub does not do, in the Hub's words.
struct HubHTTPError: Error, Hashable, Sendable {
    var status: Int
    var message: String
    /// `X-Error-Code`.
    var code: String?
    /// `X-Error-Message`, where it differs from the body.
    var headline: String?
    /// Further members of the body.
    var details: [String: JSON] = [:]

    init(
        _ status: Int, _ message: String, code: String? = nil, headline: String? = nil,
        details: [String: JSON] = [:]
    ) {
        (self.status, self.message, self.code) = (status, message, code)
        (self.headline, self.details) = (headline, details)
    }

    static let badToken = HubHTTPError(
        401, "Invalid username or password.", headline: "Invalid credentials in Authorization header")
    static let anonymous = HubHTTPError(401, "Invalid username or password.", code: "RepoNotFound")
    static let noSpace = HubHTTPError(404, "Repository not found", code: "RepoNotFound")
    static let noEntry = HubHTTPError(404, "Entry not found", code: "EntryNotFound")
    static let noRoute = HubHTTPError(404, "Sorry, we can't find the page you are looking for.")
    static func noRevision(_ revision: String) -> HubHTTPError {
        HubHTTPError(404, "Invalid rev id: \(revision)", code: "RevisionNotFound")
    }
    static let readOnly = HubHTTPError(
        403, "Forbidden: you must use a token with write access to this repository.")
    static func unknownHost(_ host: String) -> HubHTTPError {
        HubHTTPError(
            421,
            "The local Hub serves localhost, *.localhost and loopback addresses, not the host \"\(host.prefix(253))\"."
        )
    }
    static func badRequest(_ message: String) -> HubHTTPError { HubHTTPError(400, message) }

    /// As the API tells it.
    var response: Response {
        var body = details
        body["error"] = .string(message)
        var answer = Response.json(.object(body), status: status)
        if let code { answer.fields["X-Error-Code"] = code }
        answer.fields["X-Error-Message"] = headline ?? message
        return answer
    }

    /// As Git shows it: `remote: ` and each line of a plain text.
    var plainResponse: Response {
        var answer = Response.text(message, status: status)
        if status == 401 { answer.fields["WWW-Authenticate"] = "Basic realm=\"Authentication required\"" }
        if let code { answer.fields["X-Error-Code"] = code }
        return answer
    }
}

extension Response {
    static func json(_ value: JSON, status: Int = 200) -> Response {
        .text(value.text, status: status, type: "application/json; charset=utf-8")
    }
}
