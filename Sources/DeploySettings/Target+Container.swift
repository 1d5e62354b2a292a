import DockerSyntax
import SpacesModel

/// Settings of a generated Dockerfile.
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

    /// Errors for settings that exclude one another.
    var conflicts: [SettingError] {
        var errors = configurationErrors
        guard let image else { return errors }
        if let template, let setting = setting("template") {
            errors.append(
                SettingError(
                    setting.origin, line: setting.line, key: "template", value: template.rawValue,
                    "a template builds on an image of its own, and image = \(image.familiar) is set, too",
                    hint: "take one of them away: template = alone clears it"))
        }
        if let sdk, sdk != "docker", let setting = setting("sdk") {
            errors.append(
                SettingError(
                    setting.origin, line: setting.line, key: "sdk", value: sdk,
                    "image = \(image.familiar) makes a docker Space", hint: "write sdk = docker, or no image")
            )
        }
        return errors
    }

    /// Returns the effective value of a setting with its origin; `nil` if it is not set.
    package func setting(_ key: String) -> ResolvedSetting? { resolvedSettings.last { $0.key == key } }
}

extension Target.ValueError {
    /// Creates the error without the key and value, which a `SettingError` names itself.
    fileprivate init(_ failure: DeployError, key: String, value: String) {
        var message = failure.message[...]
        for start in ["\(key) = \(value): ", "\(key): ", "\(key) "] where message.hasPrefix(start) {
            message = message.dropFirst(start.count)
            break
        }
        self.init(message: String(message), hint: failure.hint)
    }
}
