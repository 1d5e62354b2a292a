import Testing
import TextTools

/// Tests for the order, lookup and comparison of JSON objects.
struct JSONTests {
    @Test func `an object is written in the order in which it was read, with the last value of a key`() throws
    {
        let json = try JSON.parse(Array(#"{"b": 1, "a": {"d": 2.5, "c": []}, "b": true}"#.utf8))
        #expect(json.text == #"{"b":true,"a":{"d":2.5,"c":[]}}"#)
        #expect(json.sortedByKey.text == #"{"a":{"c":[],"d":2.5},"b":true}"#)
        #expect(json == ["a": ["c": [], "d": .double(2.5)], "b": true])
        #expect(json.hashValue == json.sortedByKey.hashValue)
    }

    @Test func `members are changed, added and removed`() {
        var object: JSON.Object = ["a": 1, "b": 2]
        (object["a"], object["c"], object["b"]) = (3, 4, nil)
        #expect(JSON.object(object).text == #"{"a":3,"c":4}"#)
        #expect(object.keys == ["a", "c"] && object.count == 2 && object["b"] == nil)
        object["b"] = nil
        #expect(JSON.object(object + ["a": 5, "d": .null]).text == #"{"a":5,"c":4,"d":null}"#)
    }

    @Test(arguments: [
        ("9007199254740993", "9007199254740993"), ("1.0", "1"), ("1e3", "1000"), ("-0.5", "-0.5"),
        ("1e300", "1e+300"), ("-9223372036854775808", "-9223372036854775808"),
    ])
    func `integers are exact and written without a decimal point`(number: String, text: String) {
        #expect(JSON(Array(number.utf8))?.text == text)
    }

    @Test func `large objects are parsed, compared and changed in linear time`() throws {
        let members = (0..<100_000).map { "\"key\($0)\":\($0)" }
        let json = try JSON.parse(Array("{\(members.joined(separator: ","))}".utf8))
        let reversed = try JSON.parse(Array("{\(members.reversed().joined(separator: ","))}".utf8))
        #expect(json == reversed && json["key99999"].int == 99_999)
        var changed: JSON = [:]
        for index in 0..<100_000 { changed["key\(index)"] = .int(index) }
        #expect(changed == json && changed.object?.keys == json.object?.keys)
    }
}
