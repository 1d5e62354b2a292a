import SpacesModel

extension DeployError {
    /// Creates the deploy error for a failed HTTP request.
    package init(_ failure: HTTPError, at host: String, while action: String) {
        self.init(NetworkError(failure), at: failure.host ?? host, while: action, why: failure.reason)
    }
}

extension NetworkError {
    init(_ failure: HTTPError) {
        self =
            switch failure {
            case .unreachable: .unreachable
            case .timedOut: .timedOut
            case .untrusted: .untrusted
            case .insecure: .insecure
            case .broken: .broken
            case .tooLong: .tooLong
            case .redirect: .redirected
            case .headerTooLong: .tooLong
            case .forbiddenAddress, .invalidRequest: .notSent
            case .cancelled: .cancelled
            }
    }
}
