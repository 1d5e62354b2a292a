import Essentials
import HTTP
import SpacesModel
import TextTools

/// Client of the Hub's API, with one account's token.
package struct HubClient: Sendable {
    package let client: HTTPClient
    /// `https://huggingface.co`, without a slash at the end.
    package let endpoint: URL
    package let token: Secret?
    let meter: TrafficCounter?

    package init(_ client: HTTPClient, endpoint: URL, token: Secret?, meter: TrafficCounter? = nil) {
        (self.client, self.token, self.meter) = (client, token, meter)
        let text = endpoint.absoluteString
        self.endpoint = text.hasSuffix("/") ? URL(string: String(text.dropLast())) ?? endpoint : endpoint
    }

    /// The Hub's host, for messages.
    package var host: String { Origin(endpoint)?.description ?? endpoint.absoluteString }

    /// Sends a request and parses the JSON of its response.
    /// - Parameters:
    ///   - path: the path and query below the endpoint, percent-encoded.
    ///   - subject: the subject of the request for messages, such as a Space's id.
    func requestJSON(
        _ method: String, _ path: String, _ body: JSON? = nil, about subject: String,
        isRepeatable: Bool? = nil
    ) async throws(DeployError) -> JSON {
        let response = try await send(method, path, body, about: subject, isRepeatable: isRepeatable)
        guard response.isSuccess else { throw responseError(response, about: subject) }
        return try parseJSON(response, about: subject)
    }

    /// Sends a request. Returns responses of every status.
    func send(
        _ method: String, _ path: String, _ body: JSON? = nil, about subject: String,
        isRepeatable: Bool? = nil
    ) async throws(DeployError) -> HTTPClientResponse {
        var request = try makeRequest(method, path, about: subject, isRepeatable: isRepeatable)
        if let body {
            request.body = .bytes(body.data)
            request.headers["Content-Type"] = "application/json"
        }
        do throws(HTTPError) {
            return try await client.send(request, meter: meter)
        } catch {
            throw DeployError(error, at: host, while: "asking about \(subject)")
        }
    }

    func makeRequest(_ method: String, _ path: String, about subject: String, isRepeatable: Bool? = nil)
        throws(DeployError) -> HTTPClientRequest
    {
        guard let url = URL(string: endpoint.absoluteString + path) else {
            throw DeployError(.internalError, "no address can be made for \(subject) at \(host)")
        }
        return HTTPClientRequest(
            method, url, headers: ["Accept": "application/json"], authorization: token.map { .bearer($0) },
            isRepeatable: isRepeatable, responseLimit: 64 << 20)
    }

    func responseError(_ response: HTTPClientResponse, about subject: String) -> DeployError {
        HubErrorResponse(response: response, host: host, subject: subject, hasToken: token != nil).failure
    }

    func parseJSON(_ response: HTTPClientResponse, about subject: String) throws(DeployError) -> JSON {
        let parseError: JSON.ParseError
        do throws(JSON.ParseError) { return try JSON.read(response.body) } catch { parseError = error }
        if let limit = parseError.exceededLimit {
            throw DeployError(
                .tryLater, "\(host): the JSON about \(subject) is over a limit: \(limit)",
                hint: "try again later")
        }
        guard !response.isWebPage else {
            throw DeployError(
                .refused, "\(host) answers with a web page where JSON was expected, about \(subject)",
                hint: "check HF_ENDPOINT, and whether a proxy or login page stands between")
        }
        throw DeployError(
            .tryLater, "\(host) answers something that is no JSON, about \(subject)", hint: "try again later")
    }
}
