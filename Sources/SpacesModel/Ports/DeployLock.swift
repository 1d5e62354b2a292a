/// Keeps other runs of this machine from a Space while it is read and pushed to.
package protocol DeployLock: Sendable {
    func release()
}
