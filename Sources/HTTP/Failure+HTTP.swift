import SpacesModel

extension Failure {
    /// What a broken exchange means for a deploy.
    package init(_ failure: HTTPFailure, at host: String, while action: String) {
        self.init(RemoteFault(failure), at: failure.host ?? host, while: action, why: failure.why)
    }
}

extension RemoteFault {
    init(_ failure: HTTPFailure) {
        self =
            switch failure {
            case .unreachable: .unreachable
            case .timedOut: .timedOut
            case .untrusted: .untrusted
            case .broken: .broken
            case .tooLong: .tooLong
            case .redirect: .redirected
            case .headerTooLong: .tooLong
            case .forbiddenAddress, .invalidRequest: .notSent
            case .cancelled: .cancelled
            }
    }
}
