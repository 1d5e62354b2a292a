/// Makes a Space that is not there yet.
package protocol SpaceCreating: Sendable {
    /// Creates the Space, without files of ours.
    /// - Throws: kind `notAllowed` where rights or the plan do not suffice (the Hub's 402 and 403, explained).
    func create(sdk: String, visibility: String) async throws(Failure)
}
