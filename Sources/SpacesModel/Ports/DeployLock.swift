/// A lock that excludes other runs on this machine while a Space is read and pushed to.
package protocol DeployLock: Sendable {
    func release()
}
