import HTTPServer
import TextTools

/// An HTTP error response with the status, message and headers of the real Hub.
struct HubHTTPError: Error, Hashable, Sendable {
    var status: Int
    var message: String
    /// The `X-Error-Code` header.
    var code: String?
    /// `X-Error-Message`, if it differs from the message in the body.
    var headline: String?
    /// Additional members of the JSON body.
    var details: JSON.Object = [:]

    init(
        _ status: Int, _ message: String, code: String? = nil, headline: String? = nil,
        details: JSON.Object = [:]
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

    /// The response of the API: JSON with the error's headers.
    var response: Response {
        var body = details
        body["error"] = .string(message)
        var result = Response.json(.object(body), status: status)
        if let code { result.fields["X-Error-Code"] = code }
        result.fields["X-Error-Message"] = headline ?? message
        return result
    }

    /// The response of the Git endpoints: plain text, of which Git shows each line after `remote: `.
    var plainResponse: Response {
        var result = Response.text(message, status: status)
        if status == 401 { result.fields["WWW-Authenticate"] = "Basic realm=\"Authentication required\"" }
        if let code { result.fields["X-Error-Code"] = code }
        return result
    }
}

extension Response {
    static func json(_ value: JSON, status: Int = 200) -> Response {
        .text(value.text, status: status, type: "application/json; charset=utf-8")
    }
}
