import Essentials
import HTTP
import SpacesModel
import Synchronization

/// The pack of one push. A small pack is created before it is sent, so that its length is known. A
/// larger one is created while it is sent, and again for each attempt.
final class SentPack: Sendable {
    private struct State {
        var trees: [ObjectID]
        var failure: DeployError?
    }

    /// Writes the complete body and returns the ids of the trees in it.
    typealias Write = @Sendable (BodyPipe) async throws(DeployError) -> [ObjectID]

    private let state: Mutex<State>
    private let bytes: Data?
    private let write: Write

    /// - Parameters:
    ///   - bytes: the body; `nil` for a large one.
    ///   - trees: the trees among the objects; for a large body they are known after it was
    ///     written.
    init(_ bytes: Data?, trees: [ObjectID] = [], write: @escaping Write) {
        (self.bytes, self.write) = (bytes, write)
        state = Mutex(State(trees: trees))
    }

    /// The trees among the objects of the pack.
    var trees: [ObjectID] { state.withLock { $0.trees } }
    /// The error if the pack could not be created; the request then ends like a broken connection.
    var failure: DeployError? { state.withLock { $0.failure } }

    var body: HTTPClientRequest.Body {
        if let bytes { return .bytes(bytes) }
        return .stream(length: nil) { self.open() }
    }

    private func open() -> BodyPipe {
        let pipe = BodyPipe()
        Task {
            do throws(DeployError) {
                let trees = try await write(pipe)
                state.withLock { $0.trees = trees }
                pipe.finish()
            } catch {
                if !pipe.isClosed { state.withLock { $0.failure = error } }
                pipe.finish(failure: error.message)
            }
        }
        return pipe
    }
}
