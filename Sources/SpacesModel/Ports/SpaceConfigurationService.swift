/// A service that reads and changes a Space's configuration: variables, secrets, hardware, visibility.
package protocol SpaceConfigurationService: Sendable {
    /// The desired configuration according to the target's settings.
    var desiredConfiguration: DesiredConfiguration { get }
    /// Returns the variables by name. One request.
    func variables() async throws(DeployError) -> [String: String]
    /// Returns all secrets by name, with the comparison for those whose local value is available.
    /// One request, which needs a token with write access.
    func secrets() async throws(DeployError) -> [String: SecretComparison]
    /// Returns the available hardware with prices. One request.
    func hardwareOptions() async throws(DeployError) -> [Hardware]
    /// Creates the Space without files, with the complete desired configuration in the same
    /// request, so that its first container has it.
    /// - Returns: `false` if the Space was created by somebody else in the meantime, and nothing was set.
    /// - Throws: `DeployError` of kind `permissionDenied` if rights or the plan are insufficient
    ///   (the Hub's 402 and 403, explained).
    func create(sdk: String, visibility: String) async throws(DeployError) -> Bool
    /// Applies one change. One request.
    func apply(_ command: ConfigurationCommand) async throws(DeployError)
}
