@testable import DeploySettings
@testable import SpacesModel

/// Layers as people write them: `section.sub key=value`.
func entries(_ section: String, _ sub: String?, _ pairs: KeyValuePairs<String, String?>)
    -> [ConfigEntry]
{
    pairs.map { ConfigEntry(section: section, subsection: sub, key: $0.key.lowercased(), value: $0.value) }
}

func file(_ name: String, _ entries: [ConfigEntry]) -> Layer {
    Layer(.file(name), .operating, entries)
}
func flag(_ key: String, _ value: String) -> Layer {
    Layer(.flag("--\(key)"), .operating, entries("space", nil, [key: value]))
}
