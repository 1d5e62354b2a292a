/// A persistent table of variables. A copy with one more value shares all other nodes with its
/// original, so that every step of a Dockerfile can keep the variables in effect before it.
package struct VariableTable: Hashable, Sendable {
    /// A node of a search tree ordered by hash values, which are random, so that chosen names
    /// cannot unbalance the tree.
    private final class Node: Sendable {
        let name: String
        let hash: Int
        let value: VariableValue
        let left: Node?
        let right: Node?

        init(_ name: String, _ hash: Int, _ value: VariableValue, _ left: Node?, _ right: Node?) {
            (self.name, self.hash, self.value, self.left, self.right) = (name, hash, value, left, right)
        }
    }

    private var root: Node?

    package subscript(name: String) -> VariableValue? {
        let hash = name.hashValue
        var next = root
        while let node = next {
            if node.hash == hash, node.name == name { return node.value }
            next = hash < node.hash ? node.left : node.right
        }
        return nil
    }

    mutating func set(_ name: String, to value: VariableValue) {
        root = Self.inserted(name, name.hashValue, value, into: root)
    }

    private static func inserted(
        _ name: String, _ hash: Int, _ value: VariableValue, into node: Node?
    ) -> Node {
        guard let node else { return Node(name, hash, value, nil, nil) }
        if node.hash == hash, node.name == name { return Node(name, hash, value, node.left, node.right) }
        if hash < node.hash {
            let left = inserted(name, hash, value, into: node.left)
            return Node(node.name, node.hash, node.value, left, node.right)
        }
        let right = inserted(name, hash, value, into: node.right)
        return Node(node.name, node.hash, node.value, node.left, right)
    }

    private var all: [String: VariableValue] {
        var (values, queue): ([String: VariableValue], [Node]) = ([:], [root].compactMap { $0 })
        while let node = queue.popLast() {
            values[node.name] = node.value
            queue += [node.left, node.right].compactMap { $0 }
        }
        return values
    }

    package static func == (left: VariableTable, right: VariableTable) -> Bool {
        left.root === right.root || left.all == right.all
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(all) }
}
