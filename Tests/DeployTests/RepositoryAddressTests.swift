import Testing

@testable import Deploy

/// Tests for comparing the spellings of a repository's address.
struct RepositoryAddressTests {
    @Test(arguments: [
        "https://github.com/me/web", "https://github.com/me/web.git", "https://GITHUB.com/me/web/",
        "https://u:p@github.com:443/me/web", "ssh://git@github.com/me/web.git", "ssh://github.com:22/me/web",
        "git@github.com:me/web.git", "git@github.com:/me/web", "http://github.com/me/web",
        "github.com:me/web",
    ])
    func `spellings of the same address are equal`(text: String) throws {
        let address = try #require(RepositoryAddress(text))
        #expect(address == RepositoryAddress("https://github.com/me/web"))
    }

    @Test(arguments: [
        "https://github.com/me/Web", "https://github.com:8443/me/web", "https://gitlab.com/me/web",
        "git@github.com:you/web", "https://github.com/me/web.github",
    ])
    func `addresses of other repositories are different`(text: String) {
        #expect(RepositoryAddress(text) != RepositoryAddress("https://github.com/me/web"))
    }

    @Test(arguments: ["web", "/srv/git/web.git", "./web", "../a:b", "file:///srv/web", "", "C:web"])
    func `a local path is not a repository address`(text: String) {
        #expect(RepositoryAddress(text) == nil)
    }
}
