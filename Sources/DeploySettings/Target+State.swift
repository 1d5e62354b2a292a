import SpacesModel
import TextTools

/// What a Space is besides its files.
extension Target {
    /// One of a name counts, the last one.
    mutating func want(_ value: String, isSecret: Bool, from origin: SettingOrigin) -> Complaint? {
        do throws(Failure) {
            let wanted = Wanted(named: try NamedValue(value, isSecret: isSecret), origin: origin)
            guard wanted.named.place != .input else {
                return Complaint(
                    message: "is read from no standard input", hint: "write env:NAME or file:PATH")
            }
            func isAnother(_ other: Wanted) -> Bool { other.named.name != wanted.named.name }
            if isSecret {
                secrets = secrets.filter(isAnother) + [wanted]
            } else {
                variables = variables.filter(isAnother) + [wanted]
            }
            return nil
        } catch {
            return Complaint(message: error.message, hint: error.hint)
        }
    }

    mutating func setMachine(_ name: String, _ value: String) -> Complaint? {
        guard name == "sleepTime" else {
            let isFlavour = value.utf8.allSatisfy { $0.isWord || $0 == .dash }
            guard isFlavour else {
                return Complaint(
                    message: "is no flavour", hint: "spacesync hardware lists what the Hub offers")
            }
            hardware = value
            return nil
        }
        guard let time = SleepTime(value) else {
            return Complaint(message: "is no length of time", hint: "write 1h, 2d or never")
        }
        sleepTime = time
        return nil
    }

    /// The Hub has one name for both.
    var stateProblems: [Problem] {
        let names = Set(variables.map(\.named.name))
        return secrets.filter { names.contains($0.named.name) }.map { wanted in
            Problem(
                wanted.origin, key: "secret", value: wanted.named.name, "is a variable, too",
                hint: "take one of them away; what everybody may read is a variable")
        }
    }
}
