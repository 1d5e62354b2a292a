import SpacesModel

/// Changes of hardware, sleep time and visibility.
extension ConfigurationDiff {
    var hardwareChanges: [ConfigurationChange] {
        let runtime = info?.runtime
        let currentHardware = runtime?.requestedHardware ?? runtime?.hardware
        let hardware = desired.hardware.flatMap {
            $0 == (currentHardware ?? (info == nil ? "cpu-basic" : nil)) ? nil : $0
        }
        let sleepTime = desired.sleepTime
        guard let hardware else {
            return [
                sleepTime.flatMap {
                    sleepChange($0, on: currentHardware ?? desired.hardware, from: runtime?.sleepTime)
                }
            ]
            .compactMap { $0 }
        }
        var change = ConfigurationChange(
            .hardware, currentHardware == nil ? .added : .updated,
            (currentHardware.map { "\($0) -> \(hardware)" } ?? hardware)
                + (sleepTime.map {
                    hardware == "cpu-basic" ? ", which heeds no sleepTime" : ", sleepTime \($0)"
                }
                    ?? ""),
            command: .setHardware(hardware, sleepTime))
        let (before, after) = (price(of: currentHardware)?.dollarsPerHour ?? 0, price(of: hardware))
        // A price that the Hub does not report may be higher.
        if after.map({ $0.dollarsPerHour > before }) ?? true {
            change.costWarning =
                after.map { "\(hardware) costs \($0.cost(hours: 1)) an hour while it runs" }
                ?? "what \(hardware) costs the Hub does not tell"
        }
        return [change]
    }

    private func sleepChange(_ desiredSleepTime: SleepTime, on hardware: String?, from current: SleepTime?)
        -> ConfigurationChange?
    {
        guard desiredSleepTime != current else { return nil }
        guard hardware ?? "cpu-basic" != "cpu-basic" else {
            return ConfigurationChange(
                .sleepTime, .kept, "cpu-basic sleeps after 2d without a visit, whatever is set")
        }
        let why = current.map { "\($0) -> \(desiredSleepTime)" } ?? desiredSleepTime.description
        var change = ConfigurationChange(.sleepTime, .updated, why, command: .setSleepTime(desiredSleepTime))
        if desiredSleepTime.staysAwake(after: current), let price = price(of: hardware), !price.isFree {
            let behavior =
                desiredSleepTime == .never ? "never sleeps" : "sleeps only after \(desiredSleepTime)"
            change.costWarning = "a Space that \(behavior) costs \(price.cost(hours: 1)) in every hour"
        }
        return change
    }

    private func price(of hardware: String?) -> Price? {
        hardware.flatMap { name in offers.first { $0.name == name }?.price }
    }

    var visibilityChange: ConfigurationChange? {
        guard let visibility = desired.visibility, let info else { return nil }
        let current = info.visibility ?? (info.isPrivate ? "private" : "public")
        guard visibility != current else { return nil }
        guard info.visibility != nil || visibility != "protected" || current != "public" else {
            return ConfigurationChange(
                .visibility, .kept,
                "whether it is protected the Hub does not tell; to make it so: "
                    + "spacesync visibility \(space) protected")
        }
        var change = ConfigurationChange(
            .visibility, .updated, "\(current) -> \(visibility)", command: .setVisibility(visibility))
        switch (current, visibility) {
        case (_, "public"): change.costWarning = "everybody will see the app and its files"
        case ("private", _): change.costWarning = "everybody will see the app"
        default: break
        }
        return change
    }
}
