import Essentials

extension Client {
    /// Makes attempts until an answer or failure stands.
    func repeating<Answer: Answering>(
        _ request: Request, _ attempt: (Request) async throws(HTTPFailure) -> Answer
    ) async throws(HTTPFailure) -> Answer {
        let policy = RetryPolicy(retries: options.retries, longestWait: options.longestWait())
        var next = 2
        while true {
            let pause: (wait: Duration, why: String)
            do throws(HTTPFailure) {
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
                pause = (wait, error.why)
            }
            try await wait(for: pause.wait, before: next, of: request, why: pause.why)
            next += 1
        }
    }

    private func wait(for time: Duration, before attempt: Int, of request: Request, why: String)
        async throws(HTTPFailure)
    {
        options.onRetry(Retry(what: request.summary, attempt: attempt, wait: time, why: why))
        do {
            try await options.clock.sleep(for: time)
        } catch {
            throw .cancelled
        }
    }
}

/// What a repetition is decided by.
protocol Answering {
    var status: Int { get }
    var headers: Headers { get }
}
extension Response: Answering {}
extension StreamedResponse: Answering {}

extension Request {
    /// Method, host and path: no query, which may hold a signature.
    var summary: String { "\(method) \(Origin(url)?.description ?? "?")\(url.path(percentEncoded: true))" }
}
