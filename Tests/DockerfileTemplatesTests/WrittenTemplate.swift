import Testing

@testable import DockerSyntax
@testable import DockerfileTemplates

/// Returns the Dockerfile that a template generates for these files, after checking that it has no
/// problems.
func written(
    _ template: Template, _ files: [String: String], _ container: ContainerSettings = ContainerSettings()
) throws -> TemplateDockerfile {
    let names = Set(files.keys)
    let needed = template.requiredFiles(among: names)
    let contents = needed.map { ($0, Array((files[$0] ?? "").utf8)) }
    let source = TemplateSource(names: names, contents: Dictionary(uniqueKeysWithValues: contents))
    let result = try template.dockerfile(for: source, container)
    let read = Dockerfile.read(result.bytes)
    #expect(read.problems.isEmpty)
    #expect(read.exposedPort == container.port)
    for copy in read.instructions where copy.keyword == "COPY" && copy.flag("from") == nil {
        for file in copy.arguments.dropLast() { #expect(file == "." || names.contains(file), "COPY \(file)") }
    }
    #expect(GeneratedDockerfile.isGenerated(result.bytes))
    return result
}

/// Returns the arguments of the last instruction, `CMD`, of the generated Dockerfile.
func startCommand(_ template: Template, _ files: [String: String]) throws -> [String]? {
    Dockerfile.read(try written(template, files).bytes).instructions.last?.json
}
