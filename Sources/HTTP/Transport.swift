import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `URLSession` behind one door. A session lives as long as the process: crashes in its teardown are reported
/// (https://github.com/swiftlang/swift-corelibs-foundation/issues), so clients that want the same number of connections share one.
final class Transport: Sendable {
    private let session: URLSession
    private let exchanges: Exchanges
    let places: Places

    private static let shared = Mutex<[Int: Transport]>([:])

    static func withConnections(_ count: Int) -> Transport {
        shared.withLock { known in
            if let transport = known[count] { return transport }
            let transport = Transport(connectionsPerHost: count)
            known[count] = transport
            return transport
        }
    }

    private init(connectionsPerHost: Int) {
        ProxySettings.prepareProcess()
        places = Places(connectionsPerHost)
        let configuration = FoundationFolders.withoutTrace { URLSessionConfiguration.default }
        configuration.httpMaximumConnectionsPerHost = connectionsPerHost
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalAndRemoteCacheData
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCredentialStorage = nil
        // Limits are ours (`Exchange+Limits.swift`): what `URLSession` has of them is not kept everywhere.
        configuration.timeoutIntervalForRequest = 7 * 86_400
        configuration.timeoutIntervalForResource = 7 * 86_400
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        exchanges = Exchanges()
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: queue)
    }

    /// Starts an exchange. Its body stream is opened here.
    /// - Parameter onEnd: told once, with whether the connection can be used again.
    func start(
        _ exchange: Exchange, limits: Limits, onEnd: @escaping @Sendable (_ isKept: Bool) -> Void
    ) throws(HTTPFailure) {
        let task = session.dataTask(with: try URLRequest(exchange.request, host: exchange.host))
        exchanges.register(exchange, for: task)
        exchange.begin(task, watch: exchange.watch(limits), onEnd: onEnd)
    }
}

/// Tells each exchange what `URLSession` tells of its task.
private final class Exchanges: NSObject, URLSessionDataDelegate {
    private let running = Mutex<[Int: Exchange]>([:])

    func register(_ exchange: Exchange, for task: URLSessionTask) {
        running.withLock { $0[task.taskIdentifier] = exchange }
    }

    private func exchange(_ task: URLSessionTask) -> Exchange? {
        running.withLock { $0[task.taskIdentifier] }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        if let response = response as? HTTPURLResponse { exchange(dataTask)?.didReceive(response) }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        exchange(dataTask)?.didReceive(data)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didSendBodyData bytesSent: Int64, totalBytesSent: Int64,
        totalBytesExpectedToSend: Int64
    ) {
        exchange(task)?.didSend(bytesSent)
    }

    /// Asked when a kept connection broke and curl means to send the body again. Without an answer all exchanges would
    /// stand still for seven seconds, and then the head would go out without its body.
    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        needNewBodyStream completionHandler: @escaping (InputStream?) -> Void
    ) {
        exchange(task)?.cannotRewind()
        completionHandler(nil)
    }

    /// Redirects are followed by `Client`, which knows what may go where: `URLSession` would take the token along.
    /// The handler is not called on purpose: the task is cancelled instead. On Linux an answer that meets a
    /// cancellation of the task ends the process (`Received callback for HTTP redirection, but we're not waiting`).
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        exchange(task)?.didReceive(response)
        exchange(task)?.end(nil)
    }

    /// A 401 is an answer like any other: credentials go out with the first request or not at all. It is whole when
    /// this is asked, and on Linux the default handling would leave the task without an end.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        guard challenge.protectionSpace.isAboutUser else {
            return completionHandler(.performDefaultHandling, nil)
        }
        exchange(task)?.didComplete(challenge.failureResponse as? HTTPURLResponse, nil)
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let exchange = running.withLock { $0.removeValue(forKey: task.taskIdentifier) }
        exchange?.didComplete(task.response as? HTTPURLResponse, error)
    }
}

extension URLProtectionSpace {
    /// Not about the server's certificate (which macOS asks about in the same way).
    fileprivate var isAboutUser: Bool {
        [
            NSURLAuthenticationMethodHTTPBasic, NSURLAuthenticationMethodHTTPDigest,
            NSURLAuthenticationMethodDefault,
        ]
        .contains(authenticationMethod)
    }
}
