/// The README that the Space gets, and what is said of it.
struct CardComposition: Sendable {
    let readme: [UInt8]
    /// The kind of Space that the card names.
    let sdk: String
    /// For the plan: which keys were set, and why.
    let why: String
    let warnings: [String]
}
