import Essentials
import TextTools

extension HTTPClient {
    /// Makes attempts until an answer or failure stands.
    func retrying<Answer: RetryableResult>(
        _ request: HTTPClientRequest, _ attempt: (HTTPClientRequest) async throws(HTTPError) -> Answer
    ) async throws(HTTPError) -> Answer {
        let policy = RetryPolicy(retries: options.retries, maxWait: options.maxWait())
        var next = 2
        while true {
            let pause: (wait: Duration, why: String)
            do throws(HTTPError) {
                let answer = try await attempt(request)
                guard
                    let wait = policy.wait(
                        after: answer.status, answer.headers, before: next, repeatable: request.isRepeatable)
                else { return answer }
                pause = (wait, "status \(answer.status)")
            } catch {
                guard request.isFutile?() != true,
                    let wait = policy.wait(after: error, before: next, repeatable: request.isRepeatable)
                else { throw error }
                pause = (wait, error.reason)
            }
            try await wait(for: pause.wait, before: next, of: request, reason: pause.why)
            next += 1
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

/// What a repetition is decided by.
protocol RetryableResult {
    var status: Int { get }
    var headers: HTTPFields { get }
}
extension HTTPClientResponse: RetryableResult {}
extension StreamedResponse: RetryableResult {}

extension HTTPClientRequest {
    /// Method, host and path: no query, which may hold a signature.
    var summary: String { "\(method) \(Origin(url)?.description ?? "?")\(url.path(percentEncoded: true))" }
}
