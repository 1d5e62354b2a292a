@testable import DeploySettings
@testable import SpacesModel

/// Returns the entries of `[section "sub"]` with these keys and values.
func entries(_ section: String, _ sub: String?, _ pairs: KeyValuePairs<String, String?>)
    -> [ConfigEntry]
{
    pairs.map { ConfigEntry(section: section, subsection: sub, key: $0.key.lowercased(), value: $0.value) }
}

func file(_ name: String, _ entries: [ConfigEntry]) -> ConfigLayer {
    ConfigLayer(.file(name), .trusted, entries)
}
func flag(_ key: String, _ value: String) -> ConfigLayer {
    ConfigLayer(.flag("--\(key)"), .trusted, entries("space", nil, [key: value]))
}
