import Deploy
import Git
import HTTP

/// Whatever a target is deployed from: a repository here, or one behind a URL.
enum Source: SourceReading {
    case local(LocalSource)
    case remote(RemoteSource)

    /// - Parameter location: nil: the repository that the run stands in.
    static func open(
        _ location: SourceLocation?, _ workshop: Workshop, _ meter: Meter
    ) async throws(Failure) -> Source {
        switch location {
        case .url(let url): .remote(try await RemoteSource.open(url, workshop, meter))
        case .path(let path): .local(try await LocalSource.open(at: path))
        case nil:
            if let home = workshop.loaded.home {
                .local(home.source)
            } else {
                .local(try await LocalSource.open(at: workshop.world.directory))
            }
        }
    }

    func snapshot(of revision: String?) async throws(Failure) -> Snapshot {
        switch self {
        case .local(let source): try await source.snapshot(of: revision)
        case .remote(let source): try await source.snapshot(of: revision)
        }
    }

    var objects: [JoinedObjects] {
        switch self {
        case .local(let source): [source.objects]
        case .remote(let source): [source.objects]
        }
    }
}
