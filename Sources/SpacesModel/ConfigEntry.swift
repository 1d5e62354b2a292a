/// One `key = value` of a file in Git's configuration syntax, as libgit2 read it.
package struct ConfigEntry: Hashable, Sendable {
    /// Lower case, as Git compares it: `space`.
    package var section: String
    /// The quoted part of the header, as written: `owner/name`.
    package var subsection: String?
    /// Lower case: `sleeptime`.
    package var key: String
    /// nil for a key without `=`, which means true.
    package var value: String?
    /// Where it stands in its file, from 1, as far as that is known.
    package var line: Int?

    package init(section: String, subsection: String?, key: String, value: String?) {
        (self.section, self.subsection, self.key, self.value) = (section, subsection, key, value)
    }
}
