import DockerSyntax
import SpacesModel

/// The Dockerfile of a layered build: an image made elsewhere, and what it needs to run on the Hub.
package struct WrapperDockerfile: Hashable, Sendable {
    /// With its digest when it is pinned.
    package var image: ImageReference
    package var container: ContainerSettings
    /// What it is written from, for its first line: `image = ghcr.io/owner/app:1`.
    package var origin: String

    package init(
        _ image: ImageReference, _ container: ContainerSettings = ContainerSettings(), origin: String
    ) {
        (self.image, self.container, self.origin) = (image, container, origin)
    }

    /// - Throws: `.settings` for what no Dockerfile can say.
    package func makeDockerfile() throws(DeployError) -> [UInt8] {
        try container.validatePort()
        // No USER: the Hub runs every container as uid 1000 whatever its image says, nothing is run while building, and
        // a name that the image does not know would break it.
        var lines = [GeneratedDockerfile.firstLine(from: origin), "FROM \(image.familiar)", ""]
        lines += try container.environment()
        lines += ["EXPOSE \(container.port)"]
        if let command = try container.commandLine() { lines.append(command) }
        return GeneratedDockerfile.bytes(lines)
    }
}

/// What all Dockerfiles that are written here have in common.
package enum GeneratedDockerfile {
    private static let mark = "Written by spacesync from "

    static func firstLine(from origin: String) -> String {
        DockerQuoting.comment("\(mark)\(origin). Change the settings, not this file.")
    }

    static func bytes(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

    /// Whether a Dockerfile is one of ours: a Space's may be replaced by the next one.
    package static func isGenerated(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "# \(mark)".utf8) }
}
