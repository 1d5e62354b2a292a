import Deploy

extension HubSpace: SpaceCreating {
    /// A Space that somebody made meanwhile serves as well.
    package func create(sdk: String, visibility: String) async throws(Failure) {
        _ = try await hub.create(space, sdk: sdk, visibility: visibility, clock: clock)
    }
}
