import Essentials
import TextTools

extension HTTPClient {
    /// Repeats attempts until the retry policy accepts the response or the error.
    func retrying<Response: RetryableResult>(
        _ request: HTTPClientRequest, _ attempt: (HTTPClientRequest) async throws(HTTPError) -> Response
    ) async throws(HTTPError) -> Response {
        let policy = RetryPolicy(retries: options.retries, maxWait: options.maxWait())
        var nextAttempt = 2
        while true {
            let retry: (wait: Duration, reason: String)
            do throws(HTTPError) {
                let response = try await attempt(request)
                guard
                    let wait = policy.wait(
                        after: response.status, response.headers, before: nextAttempt,
                        repeatable: request.isRepeatable)
                else { return response }
                retry = (wait, "status \(response.status)")
            } catch {
                guard request.isFutile?() != true,
                    let wait = policy.wait(
                        after: error, before: nextAttempt, repeatable: request.isRepeatable)
                else { throw error }
                retry = (wait, error.reason)
            }
            try await wait(for: retry.wait, before: nextAttempt, of: request, reason: retry.reason)
            nextAttempt += 1
        }
    }

    private func wait(for time: Duration, before attempt: Int, of request: HTTPClientRequest, reason: String)
        async throws(HTTPError)
    {
        options.onRetry(Retry(requestSummary: request.summary, attempt: attempt, wait: time, reason: reason))
        do {
            try await options.clock.sleep(for: time)
        } catch {
            throw .cancelled
        }
    }
}

/// A response with the status and headers that the retry policy uses.
protocol RetryableResult {
    var status: Int { get }
    var headers: HTTPFields { get }
}
extension HTTPClientResponse: RetryableResult {}
extension StreamedResponse: RetryableResult {}

extension HTTPClientRequest {
    /// Method, host and path, without the query, which may contain a signature.
    var summary: String { "\(method) \(Origin(url)?.description ?? "?")\(url.path(percentEncoded: true))" }
}
