import Essentials
import HTTP
import SpacesModel
import Synchronization

/// The pack of one push. A small one is made before it is sent, so that its length is known; a larger one is made while it
/// is sent, and anew for each attempt.
final class SentPack: Sendable {
    private struct State {
        var trees: [ObjectID]
        var failure: DeployError?
    }

    /// Writes the whole body, and returns those of its objects that are trees.
    typealias Write = @Sendable (BodyPipe) async throws(DeployError) -> [ObjectID]

    private let state: Mutex<State>
    private let bytes: Data?
    private let write: Write

    /// - Parameters:
    ///   - bytes: the body; nil for a large one.
    ///   - trees: those of its objects that are trees; of a large one they are known once it was written.
    init(_ bytes: Data?, trees: [ObjectID] = [], write: @escaping Write) {
        (self.bytes, self.write) = (bytes, write)
        state = Mutex(State(trees: trees))
    }

    /// The objects of the pack that are trees.
    var trees: [ObjectID] { state.withLock { $0.trees } }
    /// Why the pack could not be made. The exchange then ends as if the connection had broken.
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
