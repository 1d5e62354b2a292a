/// What a Space is besides its files: variables, secrets, hardware, who may see it.
package protocol SpaceKeeping: Sendable {
    /// What the target's settings ask for.
    var wishes: Wishes { get }
    /// Name and value of each. One request.
    func variables() async throws(Failure) -> [String: String]
    /// All secrets by name; how those compare whose value is in reach. One request, which needs a token that may write.
    func secrets() async throws(Failure) -> [String: SecretStanding]
    /// What there is today, and what it costs. One request.
    func offers() async throws(Failure) -> [Hardware]
    /// Creates the Space, without files of ours, with all that is wished for in the same call: its first container has it.
    /// - Returns: false where somebody else made it meanwhile, and nothing was set.
    /// - Throws: kind `notAllowed` where rights or the plan do not suffice (the Hub's 402 and 403, explained).
    func create(sdk: String, visibility: String) async throws(Failure) -> Bool
    /// One request.
    func carryOut(_ order: StateOrder) async throws(Failure)
}
