/// The Hub's word for what a Space is doing. An open set: unknown words survive.
package struct Stage: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let noAppFile = Stage(rawValue: "NO_APP_FILE")
    package static let configError = Stage(rawValue: "CONFIG_ERROR")
    package static let building = Stage(rawValue: "BUILDING")
    package static let buildError = Stage(rawValue: "BUILD_ERROR")
    package static let appStarting = Stage(rawValue: "APP_STARTING")
    package static let running = Stage(rawValue: "RUNNING")
    package static let runningBuilding = Stage(rawValue: "RUNNING_BUILDING")
    package static let runningAppStarting = Stage(rawValue: "RUNNING_APP_STARTING")
    package static let runtimeError = Stage(rawValue: "RUNTIME_ERROR")
    package static let deleting = Stage(rawValue: "DELETING")
    package static let stopped = Stage(rawValue: "STOPPED")
    package static let paused = Stage(rawValue: "PAUSED")
    package static let sleeping = Stage(rawValue: "SLEEPING")
}

extension Stage {
    /// The Hub is at work: the stage will change by itself.
    package var isInProgress: Bool {
        [.building, .appStarting, .runningBuilding, .runningAppStarting].contains(self)
    }

    /// The Hub has come to an end. Unknown stages are neither: they are watched on.
    package var isTerminal: Bool { outcome != nil }

    /// What a settled stage means for the commit it belongs to.
    package var outcome: StageOutcome? {
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
    package var isInactive: Bool { [.paused, .sleeping, .stopped].contains(self) }

    /// The image is there, and its container is not answered yet.
    package var isStarting: Bool { self == .appStarting || self == .runningAppStarting }
}

/// What a settled stage means for the commit it belongs to, or how a watch ended without one.
package enum StageOutcome: Hashable, Sendable {
    case running
    case buildError, runtimeError, configError, noAppFile
    case paused, sleeping, stopped, deleting
    /// Another commit took our place; its id as far as it is known.
    case superseded(by: String?)
    case timedOut
}
