import SpacesModel

/// Hardware, sleep, and who may see the Space.
extension StateComparison {
    var machineChanges: [StateChange] {
        let runtime = info?.runtime
        let now = runtime?.requestedHardware ?? runtime?.hardware
        let hardware = wishes.hardware.flatMap { $0 == (now ?? (info == nil ? "cpu-basic" : nil)) ? nil : $0 }
        let sleep = wishes.sleepTime
        guard let hardware else {
            return [sleep.flatMap { sleepChange($0, on: now ?? wishes.hardware, from: runtime?.sleepTime) }]
                .compactMap { $0 }
        }
        var change = StateChange(
            .hardware, now == nil ? .added : .updated,
            (now.map { "\($0) -> \(hardware)" } ?? hardware)
                + (sleep.map { hardware == "cpu-basic" ? ", which heeds no sleepTime" : ", sleepTime \($0)" }
                    ?? ""),
            order: .setHardware(hardware, sleep))
        let (before, after) = (price(of: now)?.dollarsPerHour ?? 0, price(of: hardware))
        // A price that the Hub does not tell may be any.
        if after.map({ $0.dollarsPerHour > before }) ?? true {
            change.stake =
                after.map { "\(hardware) costs \($0.of(hours: 1)) an hour while it runs" }
                ?? "what \(hardware) costs the Hub does not tell"
        }
        return [change]
    }

    private func sleepChange(_ wish: SleepTime, on hardware: String?, from now: SleepTime?) -> StateChange? {
        guard wish != now else { return nil }
        guard hardware ?? "cpu-basic" != "cpu-basic" else {
            return StateChange(
                .sleepTime, .kept, "cpu-basic sleeps after 2d without a visit, whatever is set")
        }
        let why = now.map { "\($0) -> \(wish)" } ?? wish.description
        var change = StateChange(.sleepTime, .updated, why, order: .setSleepTime(wish))
        if wish.staysAwake(after: now), let price = price(of: hardware), !price.isFree {
            let what = wish == .never ? "never sleeps" : "sleeps only after \(wish)"
            change.stake = "a Space that \(what) costs \(price.of(hours: 1)) in every hour"
        }
        return change
    }

    private func price(of hardware: String?) -> Price? {
        hardware.flatMap { name in offers.first { $0.name == name }?.price }
    }

    var visibilityChange: StateChange? {
        guard let wish = wishes.visibility, let info else { return nil }
        let now = info.visibility ?? (info.isPrivate ? "private" : "public")
        guard wish != now else { return nil }
        guard info.visibility != nil || wish != "protected" || now != "public" else {
            return StateChange(
                .visibility, .kept,
                "whether it is protected the Hub does not tell; to make it so: "
                    + "spacesync visibility \(space) protected")
        }
        var change = StateChange(
            .visibility, .updated, "\(now) -> \(wish)", order: .setVisibility(wish))
        switch (now, wish) {
        case (_, "public"): change.stake = "everybody will see the app and its files"
        case ("private", _): change.stake = "everybody will see the app"
        default: break
        }
        return change
    }
}
