// swift-tools-version: 6.2
import PackageDescription

// One target per import privilege: what a room may touch is decided by what it may import.
// `Tests/ArchitectureTests` compares the sources with this list.
let package = Package(
    name: "spacesync",
    products: [.executable(name: "spacesync", targets: ["spacesync"])],
    targets: [
        .systemLibrary(
            name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"]), .brew(["libgit2"])]),
        .systemLibrary(
            name: "CSystem", pkgConfig: "libcrypto", providers: [.apt(["libgit2-dev"]), .brew(["openssl"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(name: "CSpawn"),
        .target(name: "Essentials", dependencies: ["CSpawn"]),
        .target(name: "Digest", dependencies: ["CSystem"]),
        .target(name: "Deploy"),
        .target(name: "HTTP", dependencies: ["Essentials", "CCurl"]),
        .target(name: "Git", dependencies: ["Essentials", "Deploy", "HTTP", "Digest", "CGit2"]),
        .target(name: "Hub", dependencies: ["Essentials", "Deploy", "HTTP", "Digest"]),
        .target(name: "Wire", dependencies: ["Essentials"]),
        .target(name: "LocalHub", dependencies: ["Essentials", "Wire", "Digest"]),
        .target(
            name: "Console",
            dependencies: ["Essentials", "Deploy", "HTTP", "Git", "Hub", "Wire", "LocalHub", "Digest"]),
        .executableTarget(name: "spacesync", dependencies: ["Essentials", "Console", "HTTP", "CSystem"]),

        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        .testTarget(name: "EssentialsTests", dependencies: ["Essentials", "TestSupport"]),
        .testTarget(name: "DigestTests", dependencies: ["Digest", "TestSupport"]),
        .testTarget(name: "DeployTests", dependencies: ["Deploy", "TestSupport"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"]),
        .testTarget(name: "GitTests", dependencies: ["Git", "LocalHub", "TestSupport"]),
        .testTarget(name: "HubTests", dependencies: ["Hub", "TestSupport"]),
        .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"]),
        .testTarget(name: "LocalHubTests", dependencies: ["LocalHub", "Deploy", "HTTP", "TestSupport"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "TestSupport"]),
        .testTarget(name: "EndToEndTests", dependencies: ["spacesync", "HTTP", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
