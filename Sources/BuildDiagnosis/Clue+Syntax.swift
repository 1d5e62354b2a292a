extension Clue {
    /// A file that Python cannot read.
    static let syntax: [Clue] = [
        Clue("syntaxerror: ", "indentationerror: ", "taberror: ") { at in
            guard at.isAtFall, let fault = SyntaxFault(at) else { return nil }
            return fault.isOfPackage ? fault.ofPackage(at) : fault.ofApp(at)
        }
    ]
}
