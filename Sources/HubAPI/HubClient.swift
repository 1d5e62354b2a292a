import Essentials
import HTTP
import SpacesModel
import TextTools

/// The Hub's API, as one account.
package struct HubClient: Sendable {
    package let client: Client
    /// `https://huggingface.co`, without a slash at the end.
    package let endpoint: URL
    package let token: Secret?
    let meter: Meter?

    package init(_ client: Client, endpoint: URL, token: Secret?, meter: Meter? = nil) {
        (self.client, self.token, self.meter) = (client, token, meter)
        let text = endpoint.absoluteString
        self.endpoint = text.hasSuffix("/") ? URL(string: String(text.dropLast())) ?? endpoint : endpoint
    }

    /// Who answers, as it stands in messages.
    package var host: String { Origin(endpoint)?.description ?? endpoint.absoluteString }

    /// Makes one call and reads its JSON.
    /// - Parameters:
    ///   - path: below the endpoint, percent-encoded, with its query.
    ///   - subject: what it is about, for messages: a Space's id.
    func call(
        _ method: String, _ path: String, _ body: JSON? = nil, about subject: String,
        isRepeatable: Bool? = nil
    ) async throws(Failure) -> JSON {
        let answer = try await ask(method, path, body, about: subject, isRepeatable: isRepeatable)
        guard answer.isSuccess else { throw refusal(answer, about: subject) }
        return try json(answer, about: subject)
    }

    /// Makes one call; every status is an answer.
    func ask(
        _ method: String, _ path: String, _ body: JSON? = nil, about subject: String,
        isRepeatable: Bool? = nil
    ) async throws(Failure) -> Response {
        var request = try request(method, path, about: subject, isRepeatable: isRepeatable)
        if let body {
            request.body = .bytes(body.data)
            request.headers["Content-Type"] = "application/json"
        }
        do throws(HTTPFailure) {
            return try await client.send(request, meter: meter)
        } catch {
            throw Failure(error, at: host, while: "asking about \(subject)")
        }
    }

    func request(_ method: String, _ path: String, about subject: String, isRepeatable: Bool? = nil)
        throws(Failure) -> Request
    {
        guard let url = URL(string: endpoint.absoluteString + path) else {
            throw Failure(.internalFault, "no address can be made for \(subject) at \(host)")
        }
        return Request(
            method, url, headers: ["Accept": "application/json"], authorization: token.map { .bearer($0) },
            isRepeatable: isRepeatable, responseLimit: 64 << 20)
    }

    func refusal(_ response: Response, about subject: String) -> Failure {
        HubRefusal(response: response, host: host, subject: subject, hasToken: token != nil).failure
    }

    func json(_ response: Response, about subject: String) throws(Failure) -> JSON {
        let fault: JSON.Fault
        do throws(JSON.Fault) { return try JSON.read(response.body) } catch { fault = error }
        if let excess = fault.excess {
            throw Failure(
                .tryLater, "\(host): the JSON about \(subject) is over a limit: \(excess)",
                hint: "try again later")
        }
        guard !response.isPage else {
            throw Failure(
                .refused, "\(host) answers with a web page where JSON was expected, about \(subject)",
                hint: "check HF_ENDPOINT, and whether a proxy or login page stands between")
        }
        throw Failure(
            .tryLater, "\(host) answers something that is no JSON, about \(subject)", hint: "try again later")
    }
}
