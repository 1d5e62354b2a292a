import SpacesModel

extension WatchOutcome.Kind {
    /// Returns a hint for an outcome that is not a failed build or app; `nil` if there is none.
    func hint(for space: SpaceID) -> String? {
        switch self {
        case .configError:
            "the README needs front matter that the Hub can use: --- / sdk: docker / --- at its very beginning"
        case .noAppFile:
            "a Docker Space needs a file named Dockerfile at its root; set dockerfile, image or template"
        case .paused: "only its owner can wake it: spacesync push \(space) --wake"
        case .sleeping, .stopped: "a visit wakes it, or spacesync push \(space) --wake"
        case .deleting: "the Space is being deleted; push with --create makes a new one"
        case .timedOut: "it goes on at the Hub: spacesync watch \(space) takes it up again"
        case .running, .superseded, .buildError, .runtimeError: nil
        }
    }
}
