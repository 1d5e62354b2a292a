// swift-tools-version: 6.2
import PackageDescription

// One target is one library and one set of import privileges: what code can access is decided by what it imports.
// `Tests/ArchitectureTests` compares the imports of every file with a table.
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

        // Decide, and do no I/O.
        .target(name: "TextTools"),
        .target(name: "SpacesModel", dependencies: ["TextTools"]),
        .target(name: "GitPatterns", dependencies: ["SpacesModel", "TextTools"]),
        .target(name: "FrontMatter", dependencies: ["TextTools"]),
        .target(name: "DockerSyntax", dependencies: ["GitPatterns", "SpacesModel", "TextTools"]),
        .target(name: "DockerfileTemplates", dependencies: ["DockerSyntax", "SpacesModel", "TextTools"]),
        .target(name: "SecretScanner", dependencies: ["DockerSyntax", "SpacesModel", "TextTools"]),
        .target(name: "BuildDiagnosis", dependencies: ["SpacesModel", "TextTools"]),
        .target(
            name: "DeploySettings",
            dependencies: ["DockerSyntax", "FrontMatter", "GitPatterns", "SpacesModel", "TextTools"]),
        .target(
            name: "Deploy",
            dependencies: [
                "BuildDiagnosis", "DeploySettings", "DockerSyntax", "DockerfileTemplates", "FrontMatter",
                "GitPatterns", "SecretScanner", "SpacesModel", "TextTools",
            ]),

        // Do I/O, and decide nothing.
        .target(name: "HTTP", dependencies: ["CCurl", "Essentials", "TextTools"]),
        .target(
            name: "Git",
            dependencies: [
                "CGit2", "Digest", "Essentials", "GitPatterns", "HTTP", "SpacesModel", "TextTools",
            ]),
        .target(
            name: "Hub",
            dependencies: ["Digest", "DockerSyntax", "Essentials", "HTTP", "SpacesModel", "TextTools"]),
        .target(name: "Wire", dependencies: ["Essentials"]),
        .target(name: "LocalHub", dependencies: ["Digest", "Essentials", "TextTools", "Wire"]),
        .target(
            name: "Console",
            dependencies: [
                "Deploy", "DeploySettings", "Digest", "DockerSyntax", "DockerfileTemplates", "Essentials",
                "Git",
                "HTTP", "Hub", "LocalHub", "SecretScanner", "SpacesModel", "TextTools", "Wire",
            ]),
        .executableTarget(name: "spacesync", dependencies: ["Console", "CSystem", "Essentials", "HTTP"]),

        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        .testTarget(name: "EssentialsTests", dependencies: ["Essentials", "TestSupport"]),
        .testTarget(name: "DigestTests", dependencies: ["Digest", "TestSupport"]),
        .testTarget(name: "DeployTests", dependencies: ["Deploy", "TestSupport"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"]),
        .testTarget(
            name: "GitTests", dependencies: ["Deploy", "DeploySettings", "Git", "LocalHub", "TestSupport"]),
        .testTarget(name: "HubTests", dependencies: ["Hub", "TestSupport"]),
        .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"]),
        .testTarget(name: "LocalHubTests", dependencies: ["Deploy", "HTTP", "LocalHub", "TestSupport"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "TestSupport"]),
        .testTarget(name: "EndToEndTests", dependencies: ["HTTP", "TestSupport", "spacesync"]),
    ],
    swiftLanguageModes: [.v6]
)
