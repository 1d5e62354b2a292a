import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel
import TextTools

/// Where a target's source is, and its opening.
extension Bench {
    /// The source, and the target with what the source's own settings file adds to it; within the target's time limit.
    func openedSource() async throws(Failure) -> (source: Source, target: Target) {
        let result = await withTimeLimit(target.timeout, ContinuousClock()) {
            () -> Result<(source: Source, target: Target), Failure> in
            do throws(Failure) {
                let source = try await source()
                return .success((source, try await target(shapedBy: source)))
            } catch { return .failure(error) }
        }
        guard let result else { throw .readingLimit(target.space, target.timeout) }
        return try result.get()
    }

    func sourceLocation() throws(Failure) -> SourceLocation? {
        guard let source = target.source else { return nil }
        let address = workshop.network.rewritten(source.value)
        let location = SourceLocation(address, in: workshop.world, base: base(of: source.origin))
        guard case .url(let url, _) = location, workshop.loaded.isForeign(source.origin) else {
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
    func base(of origin: SettingOrigin) -> String? {
        switch origin {
        case .file(let path):
            URL(fileURLWithPath: workshop.world.absolute(path)).deletingLastPathComponent().path
        case .repository, .travelling: workshop.loaded.home?.top
        case .flag: nil
        }
    }
}
