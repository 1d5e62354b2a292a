/// An entry `key = value` of a file in Git's configuration syntax, as read by libgit2.
package struct ConfigEntry: Hashable, Sendable {
    /// The section in lower case, as Git compares it: `space`.
    package var section: String
    /// The quoted part of the header, as written: `owner/name`.
    package var subsection: String?
    /// The key in lower case: `sleeptime`.
    package var key: String
    /// The value; `nil` if the key has no `=`, which means true.
    package var value: String?
    /// The line in the file, from 1; `nil` if it is not known.
    package var line: Int?

    package init(section: String, subsection: String?, key: String, value: String?) {
        (self.section, self.subsection, self.key, self.value) = (section, subsection, key, value)
    }
}
