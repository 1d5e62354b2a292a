import DockerSyntax
import SpacesModel

/// The settings of a container whose Dockerfile is written here.
extension Target {
    mutating func setContainer(_ name: String, _ value: String) -> ValueError? {
        switch name {
        case "image": return setImage(value)
        case "command":
            do throws(DeployError) { _ = try ShellCommand.words(of: value) } catch {
                return ValueError(error, key: name, value: value)
            }
            command = value
        default:
            guard let number = Int(value), (1...65_535).contains(number) else {
                return ValueError(message: "is no port", hint: "a port is a number from 1 to 65535")
            }
            port = number
        }
        return nil
    }

    private mutating func setImage(_ value: String) -> ValueError? {
        do throws(ImageReference.ParseError) { image = try ImageReference(value) } catch {
            return ValueError(message: error.reason, hint: error.fix)
        }
        return nil
    }

    mutating func appendEnv(_ value: String) -> ValueError? {
        do throws(DeployError) { env.append(try ContainerSettings.Variable(value)) } catch {
            return ValueError(error, key: "env", value: value)
        }
        return nil
    }

    /// Settings that exclude one another.
    var conflicts: [SettingError] {
        var found = configurationErrors
        guard let image else { return found }
        if let template, let setting = setting("template") {
            found.append(
                SettingError(
                    setting.origin, line: setting.line, key: "template", value: template.rawValue,
                    "a template builds on an image of its own, and image = \(image.familiar) is set, too",
                    hint: "take one of them away: template = alone clears it"))
        }
        if let sdk, sdk != "docker", let setting = setting("sdk") {
            found.append(
                SettingError(
                    setting.origin, line: setting.line, key: "sdk", value: sdk,
                    "image = \(image.familiar) makes a docker Space", hint: "write sdk = docker, or no image")
            )
        }
        return found
    }

    /// A setting in force, with where it was written.
    package func setting(_ key: String) -> ResolvedSetting? { resolvedSettings.last { $0.key == key } }
}

extension Target.ValueError {
    /// What was wrong, without the key and value that a problem names anyway.
    fileprivate init(_ failure: DeployError, key: String, value: String) {
        var message = failure.message[...]
        for start in ["\(key) = \(value): ", "\(key): ", "\(key) "] where message.hasPrefix(start) {
            message = message.dropFirst(start.count)
            break
        }
        self.init(message: String(message), hint: failure.hint)
    }
}
