/// What a Space is besides its files: variables, secrets, hardware, who may see it.
package protocol SpaceConfigurationService: Sendable {
    /// What the target's settings ask for.
    var desiredConfiguration: DesiredConfiguration { get }
    /// Name and value of each. One request.
    func variables() async throws(DeployError) -> [String: String]
    /// All secrets by name; how those compare whose value is in reach. One request, which needs a token that may write.
    func secrets() async throws(DeployError) -> [String: SecretComparison]
    /// What there is today, and what it costs. One request.
    func hardwareOptions() async throws(DeployError) -> [Hardware]
    /// Creates the Space, without files of ours, with all that is wished for in the same call: its first container has it.
    /// - Returns: false where somebody else made it meanwhile, and nothing was set.
    /// - Throws: kind `notAllowed` where rights or the plan do not suffice (the Hub's 402 and 403, explained).
    func create(sdk: String, visibility: String) async throws(DeployError) -> Bool
    /// One request.
    func apply(_ command: ConfigurationCommand) async throws(DeployError)
}
