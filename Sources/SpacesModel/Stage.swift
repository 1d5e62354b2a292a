/// The stage of a Space as reported by the Hub. An open set: unknown stages are preserved.
package struct Stage: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    /// The outcome that a final stage means for its commit; `nil` if the stage is not final.
    package let outcome: StageOutcome?

    package init(rawValue: String) { (self.rawValue, outcome) = (rawValue, Self.outcomes[rawValue]) }

    package var description: String { rawValue }

    private static let outcomes: [String: StageOutcome] = [
        "RUNNING": .running, "BUILD_ERROR": .buildError, "RUNTIME_ERROR": .runtimeError,
        "CONFIG_ERROR": .configError, "NO_APP_FILE": .noAppFile, "PAUSED": .paused, "SLEEPING": .sleeping,
        "STOPPED": .stopped, "DELETING": .deleting,
    ]

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
    /// Whether the stage will change without intervention.
    package var isInProgress: Bool {
        [.building, .appStarting, .runningBuilding, .runningAppStarting].contains(self)
    }

    /// Whether the stage is final. Unknown stages are neither final nor in progress; watching continues.
    package var isTerminal: Bool { outcome != nil }

    /// Whether the build or the app failed, so that waiting does not help.
    package var isBroken: Bool { [.buildError, .runtimeError, .configError, .noAppFile].contains(self) }

    /// Whether the Space does not run until it is restarted or visited.
    package var isInactive: Bool { [.paused, .sleeping, .stopped].contains(self) }

    /// Whether the image is built, but its container does not respond yet.
    package var isStarting: Bool { self == .appStarting || self == .runningAppStarting }
}

/// The outcome of a commit according to its final stage, or the reason why a watch ended without one.
package enum StageOutcome: Hashable, Sendable {
    case running
    case buildError, runtimeError, configError, noAppFile
    case paused, sleeping, stopped, deleting
    /// Another commit was deployed instead; with its id if it is known.
    case superseded(by: String?)
    case timedOut
}
