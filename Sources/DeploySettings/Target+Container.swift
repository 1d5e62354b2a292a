import DockerSyntax
import SpacesModel

/// The settings of a container whose Dockerfile is written here.
extension Target {
    mutating func setContainer(_ name: String, _ value: String) -> Complaint? {
        switch name {
        case "image": return setImage(value)
        case "command":
            do throws(Failure) { _ = try ShellCommand.words(of: value) } catch {
                return Complaint(error, key: name, value: value)
            }
            command = value
        default:
            guard let number = Int(value), (1...65_535).contains(number) else {
                return Complaint(message: "is no port", hint: "a port is a number from 1 to 65535")
            }
            port = number
        }
        return nil
    }

    private mutating func setImage(_ value: String) -> Complaint? {
        do throws(ImageReference.Problem) { image = try ImageReference(value) } catch {
            return Complaint(message: error.reason, hint: error.mend)
        }
        return nil
    }

    mutating func appendEnv(_ value: String) -> Complaint? {
        do throws(Failure) { env.append(try ContainerSettings.Variable(value)) } catch {
            return Complaint(error, key: "env", value: value)
        }
        return nil
    }

    /// Settings that exclude one another.
    var conflicts: [Problem] {
        var found = stateProblems
        guard let image else { return found }
        if let template, let setting = setting("template") {
            found.append(
                Problem(
                    setting.origin, line: setting.line, key: "template", value: template.rawValue,
                    "a template builds on an image of its own, and image = \(image.familiar) is set, too",
                    hint: "take one of them away: template = alone clears it"))
        }
        if let sdk, sdk != "docker", let setting = setting("sdk") {
            found.append(
                Problem(
                    setting.origin, line: setting.line, key: "sdk", value: sdk,
                    "image = \(image.familiar) makes a docker Space", hint: "write sdk = docker, or no image")
            )
        }
        return found
    }

    /// A setting in force, with where it was written.
    package func setting(_ key: String) -> Effective? { effective.last { $0.key == key } }
}

extension Target.Complaint {
    /// What was wrong, without the key and value that a problem names anyway.
    fileprivate init(_ failure: Failure, key: String, value: String) {
        var message = failure.message[...]
        for start in ["\(key) = \(value): ", "\(key): ", "\(key) "] where message.hasPrefix(start) {
            message = message.dropFirst(start.count)
            break
        }
        self.init(message: String(message), hint: failure.hint)
    }
}
