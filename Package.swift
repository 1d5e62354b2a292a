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
        // The topics of the reference are part of the binary: `spacesync help TOPIC` prints them.
        .target(name: "Documentation", resources: [.embedInCode("Topics")]),
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
        .target(name: "HTTP", dependencies: ["CCurl", "Essentials", "SpacesModel", "TextTools"]),
        .target(name: "HTTPServer", dependencies: ["Essentials", "TextTools"]),
        .target(
            name: "Git",
            dependencies: [
                "CGit2", "Digest", "Essentials", "GitPatterns", "HTTP", "SpacesModel", "TextTools",
            ]),
        .target(
            name: "GitLFS", dependencies: ["Digest", "Essentials", "Git", "HTTP", "SpacesModel", "TextTools"]),
        .target(name: "HubAPI", dependencies: ["Digest", "Essentials", "HTTP", "SpacesModel", "TextTools"]),
        .target(
            name: "ContainerRegistry",
            dependencies: ["Digest", "DockerSyntax", "Essentials", "HTTP", "SpacesModel", "TextTools"]),
        .target(name: "LocalHub", dependencies: ["Digest", "Essentials", "HTTPServer", "TextTools"]),

        .target(
            name: "Reporting",
            dependencies: ["Deploy", "DeploySettings", "Essentials", "SpacesModel", "TextTools"]),
        .target(
            name: "CLI",
            dependencies: [
                "ContainerRegistry", "Deploy", "DeploySettings", "Digest", "DockerSyntax",
                "DockerfileTemplates", "Documentation", "Essentials", "Git", "GitLFS", "HTTP", "HTTPServer",
                "HubAPI", "LocalHub", "Reporting", "SecretScanner", "SpacesModel", "TextTools",
            ]),
        .executableTarget(name: "spacesync", dependencies: ["CLI", "CSystem", "Essentials", "HTTP"]),

        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"]),
        .testTarget(name: "EssentialsTests", dependencies: ["Essentials", "TestSupport"]),
        .testTarget(name: "DigestTests", dependencies: ["Digest", "TestSupport"]),
        .testTarget(name: "TextToolsTests", dependencies: ["SpacesModel", "TextTools"]),
        .testTarget(name: "SpacesModelTests", dependencies: ["SpacesModel", "TestSupport", "TextTools"]),
        .testTarget(name: "GitPatternsTests", dependencies: ["GitPatterns", "TestSupport"]),
        .testTarget(name: "FrontMatterTests", dependencies: ["FrontMatter", "TestSupport"]),
        .testTarget(name: "DockerSyntaxTests", dependencies: ["DockerSyntax", "TestSupport"]),
        .testTarget(name: "DockerfileTemplatesTests", dependencies: ["DockerfileTemplates"]),
        .testTarget(name: "SecretScannerTests", dependencies: ["SecretScanner", "TestSupport"]),
        .testTarget(name: "BuildDiagnosisTests", dependencies: ["BuildDiagnosis", "TestSupport"]),
        .testTarget(name: "DeploySettingsTests", dependencies: ["DeploySettings"]),
        .testTarget(name: "DeployTests", dependencies: ["Deploy", "TestSupport"]),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"]),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "TestSupport"]),
        .testTarget(
            name: "GitTests", dependencies: ["Deploy", "DeploySettings", "Git", "LocalHub", "TestSupport"]),
        .testTarget(name: "GitLFSTests", dependencies: ["GitLFS", "TestSupport"]),
        .testTarget(name: "HubAPITests", dependencies: ["ContainerRegistry", "HubAPI", "TestSupport"]),
        .testTarget(name: "ContainerRegistryTests", dependencies: ["ContainerRegistry", "TestSupport"]),
        .testTarget(name: "LocalHubTests", dependencies: ["Deploy", "HTTP", "LocalHub", "TestSupport"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting"]),
        .testTarget(name: "CLITests", dependencies: ["CLI", "TestSupport"]),
        .testTarget(name: "EndToEndTests", dependencies: ["HTTP", "TestSupport", "spacesync"]),
    ],
    swiftLanguageModes: [.v6]
)
