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
            throw DeployError(error, at: host, while: "requesting \(subject)")
        }
    }

    func makeRequest(_ method: String, _ path: String, about subject: String, isRepeatable: Bool? = nil)
        throws(DeployError) -> HTTPClientRequest
    {
        guard let url = URL(string: endpoint.absoluteString + path) else {
            throw DeployError(.internalError, "no URL can be created for \(subject) at \(host)")
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
                .tryLater, "\(host): the JSON for \(subject) exceeds a limit: \(limit)",
                hint: "try again later")
        }
        guard !response.isWebPage else {
            throw DeployError(
                .refused, "\(host) returned a web page instead of JSON for \(subject)",
                hint: "check HF_ENDPOINT; a proxy or login page may intercept the connection")
        }
        throw DeployError(
            .tryLater, "\(host) returned invalid JSON for \(subject)", hint: "try again later")
    }
}

extension HubClient {
    /// Validates a README's card with the Hub before it is pushed: `POST /api/validate-yaml`
    /// (hub-api.md 3.5). Sent without retries and with a limit of 10 seconds, as a deploy can continue
    /// without it.
    package func validateYAML(_ readme: String) async throws(DeployError) -> CardValidation {
        let subject = "the card of README.md"
        var request = try makeRequest("POST", "/api/validate-yaml", about: subject, isRepeatable: false)
        let body: JSON = ["content": .string(readme), "repoType": "space"]
        request.body = .bytes(body.data)
        request.headers["Content-Type"] = "application/json"
        request.deadline = .seconds(10)
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await client.send(request, meter: meter) } catch {
            throw DeployError(error, at: host, while: "checking \(subject)")
        }
        return try validation(response, about: subject)
    }

    /// Parses the validation result. A card is invalid only if errors are listed: a 400 may have other
    /// reasons.
    private func validation(_ response: HTTPClientResponse, about subject: String) throws(DeployError)
        -> CardValidation
    {
        guard response.isSuccess || response.status == 400 else {
            throw responseError(response, about: subject)
        }
        let json = try parseJSON(response, about: subject)
        func messages(_ key: String) -> [String] {
            json[key].array?.compactMap { $0["message"].string ?? $0.string } ?? []
        }
        let errors = messages("errors")
        guard response.isSuccess || !errors.isEmpty else { throw responseError(response, about: subject) }
        return CardValidation(errors: errors, warnings: messages("warnings"))
    }

    /// Exchanges a CI job's OIDC token for a token that can write to one repository for an hour: `POST
    /// /oauth/token` (https://huggingface.co/docs/hub/trusted-publishers, RFC 8693).
    /// - Parameter resource: `spaces/owner/name`.
    /// - Throws: `.permissionDenied` if the job is not a trusted publisher of the repository.
    package func exchange(idToken: Secret, for resource: String) async throws(DeployError) -> Secret {
        let body: JSON = [
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "subject_token": .string(idToken.reveal()), "resource": .string(resource),
        ]
        let response = try await send("POST", "/oauth/token", body, about: resource, isRepeatable: true)
        guard response.isSuccess else {
            guard (400..<404).contains(response.status) else {
                throw responseError(response, about: resource)
            }
            throw DeployError(
                .permissionDenied, "\(host) did not issue a token for \(resource) to this CI job",
                details: HubErrorMessage.parse(response),
                hint: "add the job's repository as a trusted publisher in the settings of \(resource): "
                    + "https://huggingface.co/docs/hub/trusted-publishers")
        }
        guard
            let token = try parseJSON(response, about: resource)["access_token"].string.flatMap({ Secret($0) }
            )
        else {
            throw DeployError(.tryLater, "\(host) returned no token for \(resource)", hint: "try again later")
        }
        return token
    }

    /// Fetches the hardware flavours: `GET /api/spaces/hardware`.
    package func hardware() async throws(DeployError) -> [Hardware] {
        let json = try await requestJSON("GET", "/api/spaces/hardware", about: "the list of hardware")
        return (json.array ?? []).compactMap(Hardware.init)
    }

    /// Lists the Spaces of a user or organization that the token may see, with their runtime: one
    /// request per thousand Spaces (`GET /api/spaces`, hub-api.md 3.4).
    /// - Parameters:
    ///   - pages: the most requests.
    ///   - isEnough: called with each page; listing stops if it returns true.
    package func spaces(
        of owner: String, pages: Int = .max, until isEnough: ([SpaceRecord]) -> Bool = { _ in false }
    ) async throws(DeployError) -> [SpaceRecord] {
        let author = owner.percentEncoded()
        var page: String? = "/api/spaces?author=\(author)&limit=1000&\(SpaceRecord.query)"
        var requested = Set<String>()
        var records: [SpaceRecord] = []
        while let path = page, requested.count < pages, requested.insert(path).inserted {
            let response = try await send("GET", path, about: "the Spaces of \(owner)")
            guard response.isSuccess else { throw responseError(response, about: "the Spaces of \(owner)") }
            let json = try parseJSON(response, about: "the Spaces of \(owner)")
            let listed = (json.array ?? []).compactMap { SpaceRecord($0, endpoint: endpoint) }
            records += listed
            page = isEnough(listed) ? nil : nextPage(response)
        }
        return records
    }

    /// Returns the path of the next page from `Link: <url>; rel="next"` (RFC 8288); `nil` if there is
    /// none. Only URLs of this Hub are used, so that the token is not sent to other servers.
    func nextPage(_ response: HTTPClientResponse) -> String? {
        let links = response.headers.fields.filter { $0.name.lowercased() == "link" }.map(\.value)
        for link in links.flatMap({ $0.split(separator: ",") }) {
            let parts = link.split(separator: ";").map { $0.trimmingSpaces() }
            guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0.replacing("\"", with: "") == "rel=next" })
            else { continue }
            let url = String(target.dropFirst().dropLast())
            if url.hasPrefix("/") { return url }
            let base = endpoint.absoluteString
            if url.hasPrefix(base + "/") { return String(url.dropFirst(base.count)) }
        }
        return nil
    }
}

extension Hardware {
    /// Parses a hardware flavour. The Hub's price is per minute, in millionths of a dollar or in dollars.
    init?(_ json: JSON) {
        guard let name = json["name"].string else { return nil }
        let perMinute = json["unitCostMicroUSD"].number.map { $0 / 1_000_000 } ?? json["unitCostUSD"].number
        let acceleratorJSON = json["accelerator"]
        let accelerator = acceleratorJSON["model"].string.map { model in
            acceleratorJSON["quantity"].string.map { "\($0) x \(model)" } ?? model
        }
        self.init(
            name: name, prettyName: json["prettyName"].string, cpu: json["cpu"].string,
            memory: json["ram"].string, accelerator: accelerator,
            price: perMinute.map { Price(dollarsPerHour: $0 * 60) })
    }
}
