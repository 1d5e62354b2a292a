import SpacesModel

extension GitSpace {
    package func push(
        history objects: [PackObject], to commit: ObjectID, as branch: String, expecting expected: ObjectID?
    ) async throws(DeployError) -> PushReceipt {
        let push = Push(commit: commit, reference: "refs/heads/\(branch)", expected: expected)
        let offered = try await receivePackCapabilities()
        let command = push.command(offered, agent: remote.agent)
        let body = try await store.deltaPack(of: objects, after: command)
        return try await send(push, body, sideBand: offered.has("side-band-64k"))
    }
}
