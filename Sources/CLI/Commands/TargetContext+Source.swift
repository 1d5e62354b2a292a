import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Where a target's source is, and its opening.
extension TargetContext {
    /// The source, and the target with what the source's own settings file adds to it; within the target's time limit.
    func openedSource() async throws(DeployError) -> (source: AnySource, target: Target) {
        let result = await withTimeLimit(target.timeout, ContinuousClock()) {
            () -> Result<(source: AnySource, target: Target), DeployError> in
            do throws(DeployError) {
                let source = try await source()
                return .success((source, try await target(shapedBy: source)))
            } catch { return .failure(error) }
        }
        guard let result else { throw .planningTimeout(target.space, target.timeout) }
        return try result.get()
    }

    func sourceLocation() throws(DeployError) -> ResolvedSource? {
        guard let source = target.source else { return nil }
        let address = runContext.network.rewritten(source.value)
        let location = ResolvedSource(
            address, in: runContext.environment, base: baseDirectory(of: source.origin))
        guard case .url(let url, _) = location, runContext.loaded.isForeign(source.origin) else {
            return location
        }
        var named = namedHosts
        // Where the operator's own rule leads, the operator named the host.
        if address != source.value, let rewritten = try? RemoteURL(url) {
            named.insert(rewritten.origin.authority)
            named.insert(rewritten.origin.host)
        }
        return .url(url, .publicOnly(except: named))
    }

    /// What a relative path in a setting is relative to.
    func baseDirectory(of origin: SettingOrigin) -> String? {
        switch origin {
        case .file(let path):
            URL(fileURLWithPath: runContext.environment.absolute(path)).deletingLastPathComponent().path
        case .repository, .sourceFile: runContext.loaded.currentRepository?.top
        case .flag: nil
        }
    }
}
