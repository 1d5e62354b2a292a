import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Locating and opening a target's source.
extension TargetContext {
    /// Opens the source.
    /// - Returns: also the target with the settings of the source's `.spacesync`; `nil` if there are none.
    /// - Throws: a planning timeout if this takes longer than the target's time limit.
    func openedSource() async throws(DeployError) -> (source: TargetSource, shapedTarget: Target?) {
        let result = await withTimeLimit(target.timeout, ContinuousClock()) {
            () -> Result<(source: TargetSource, shapedTarget: Target?), DeployError> in
            do throws(DeployError) {
                let source = try await source()
                return .success((source, try await target(shapedBy: source)))
            } catch { return .failure(error) }
        }
        guard let result else { throw .planningTimeout(target.space, target.timeout) }
        return try result.get()
    }

    /// Returns the location of the source; `nil` for the current repository.
    func sourceLocation() throws(DeployError) -> ResolvedSource? {
        guard let source = target.source else { return nil }
        let address = runContext.network.rewritten(source.value)
        let location = ResolvedSource(
            address, in: runContext.environment, base: baseDirectory(of: source.origin))
        guard case .url(let url, _) = location, runContext.loaded.isForeign(source.origin) else {
            return location
        }
        var allowedHosts = namedHosts
        // A rewrite rule is the operator's, so the host it leads to is named by the operator.
        if address != source.value, let rewritten = try? RemoteURL(url) {
            allowedHosts.insert(rewritten.origin.authority)
            allowedHosts.insert(rewritten.origin.host)
        }
        return .url(url, .publicOnly(except: allowedHosts))
    }

    /// Returns the directory to which a relative path in a setting refers; `nil` for the current
    /// directory.
    func baseDirectory(of origin: SettingOrigin) -> String? {
        switch origin {
        case .file(let path):
            URL(fileURLWithPath: runContext.environment.absolute(path)).deletingLastPathComponent().path
        case .repository, .sourceFile: runContext.loaded.currentRepository?.top
        case .flag: nil
        }
    }
}
