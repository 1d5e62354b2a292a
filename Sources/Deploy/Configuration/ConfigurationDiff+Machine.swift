import SpacesModel

/// Hardware, sleep, and who may see the Space.
extension ConfigurationDiff {
    var hardwareChanges: [ConfigurationChange] {
        let runtime = info?.runtime
        let now = runtime?.requestedHardware ?? runtime?.hardware
        let hardware = desired.hardware.flatMap {
            $0 == (now ?? (info == nil ? "cpu-basic" : nil)) ? nil : $0
        }
        let sleep = desired.sleepTime
        guard let hardware else {
            return [sleep.flatMap { sleepChange($0, on: now ?? desired.hardware, from: runtime?.sleepTime) }]
                .compactMap { $0 }
        }
        var change = ConfigurationChange(
            .hardware, now == nil ? .added : .updated,
            (now.map { "\($0) -> \(hardware)" } ?? hardware)
                + (sleep.map { hardware == "cpu-basic" ? ", which heeds no sleepTime" : ", sleepTime \($0)" }
                    ?? ""),
            command: .setHardware(hardware, sleep))
        let (before, after) = (price(of: now)?.dollarsPerHour ?? 0, price(of: hardware))
        // A price that the Hub does not tell may be any.
        if after.map({ $0.dollarsPerHour > before }) ?? true {
            change.costWarning =
                after.map { "\(hardware) costs \($0.cost(hours: 1)) an hour while it runs" }
                ?? "what \(hardware) costs the Hub does not tell"
        }
        return [change]
    }

    private func sleepChange(_ desiredSleepTime: SleepTime, on hardware: String?, from now: SleepTime?)
        -> ConfigurationChange?
    {
        guard desiredSleepTime != now else { return nil }
        guard hardware ?? "cpu-basic" != "cpu-basic" else {
            return ConfigurationChange(
                .sleepTime, .kept, "cpu-basic sleeps after 2d without a visit, whatever is set")
        }
        let why = now.map { "\($0) -> \(desiredSleepTime)" } ?? desiredSleepTime.description
        var change = ConfigurationChange(.sleepTime, .updated, why, command: .setSleepTime(desiredSleepTime))
        if desiredSleepTime.staysAwake(after: now), let price = price(of: hardware), !price.isFree {
            let what = desiredSleepTime == .never ? "never sleeps" : "sleeps only after \(desiredSleepTime)"
            change.costWarning = "a Space that \(what) costs \(price.cost(hours: 1)) in every hour"
        }
        return change
    }

    private func price(of hardware: String?) -> Price? {
        hardware.flatMap { name in offers.first { $0.name == name }?.price }
    }

    var visibilityChange: ConfigurationChange? {
        guard let wish = desired.visibility, let info else { return nil }
        let now = info.visibility ?? (info.isPrivate ? "private" : "public")
        guard wish != now else { return nil }
        guard info.visibility != nil || wish != "protected" || now != "public" else {
            return ConfigurationChange(
                .visibility, .kept,
                "whether it is protected the Hub does not tell; to make it so: "
                    + "spacesync visibility \(space) protected")
        }
        var change = ConfigurationChange(
            .visibility, .updated, "\(now) -> \(wish)", command: .setVisibility(wish))
        switch (now, wish) {
        case (_, "public"): change.costWarning = "everybody will see the app and its files"
        case ("private", _): change.costWarning = "everybody will see the app"
        default: break
        }
        return change
    }
}
