extension Stage {
    /// The Hub is at work: the stage will change by itself.
    package var isInProgress: Bool {
        [.building, .appStarting, .runningBuilding, .runningAppStarting].contains(self)
    }

    /// The Hub has come to an end. Unknown stages are neither: they are watched on.
    package var isSettled: Bool { outcome != nil }

    /// What a settled stage means for the commit it belongs to.
    var outcome: WatchOutcome.Kind? {
        switch self {
        case .running: .running
        case .buildError: .buildError
        case .runtimeError: .runtimeError
        case .configError: .configError
        case .noAppFile: .noAppFile
        case .paused: .paused
        case .sleeping: .sleeping
        case .stopped: .stopped
        case .deleting: .deleting
        default: nil
        }
    }

    /// What stands there does not run, and will not by waiting.
    package var isBroken: Bool { [.buildError, .runtimeError, .configError, .noAppFile].contains(self) }

    /// Rests until somebody wakes it.
    package var isAtRest: Bool { [.paused, .sleeping, .stopped].contains(self) }

    /// The image is there, and its container is not answered yet.
    var isStarting: Bool { self == .appStarting || self == .runningAppStarting }
}
