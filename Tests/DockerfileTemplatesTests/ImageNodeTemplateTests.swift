import Testing

@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import SpacesModel
@testable import TextTools

struct ImageNodeTemplateTests {
    @Test func `a server with a lock file`() throws {
        let manifest =
            #"{"name":"x","main":"lib.js","engines":{"node":">=18 <21"},"scripts":{"start":"node server.js"}}"#
        let result = try written(.node, ["package.json": manifest, "package-lock.json": "{}", ".npmrc": ""])
        #expect(
            result.bytes.text == """
                # Written by spacesync from package.json and package-lock.json by template = node. Change the settings, not this file.
                FROM node:20-slim
                RUN mkdir -p /home/node/app && chown node:node /home/node/app
                USER node
                WORKDIR /home/node/app

                ENV HOST=0.0.0.0
                ENV PORT=7860
                ENV HOME=/home/node

                COPY --chown=node package.json package-lock.json .npmrc ./
                RUN npm ci --omit=dev --no-audit --no-fund

                COPY --chown=node . .

                ENV NODE_ENV=production
                EXPOSE 7860
                CMD ["npm", "run", "start"]

                """)
        #expect(
            result.reasons == [
                "Node 20 (engines is >=18 <21)", "the start script is run: node server.js",
            ])
    }

    @Test(arguments: [
        ("yarn.lock", "", "yarn install --frozen-lockfile --production"),
        ("pnpm-lock.yaml", "", "pnpm install --frozen-lockfile --prod"),
        ("pnpm-lock.yaml", #""packageManager":"pnpm@9.1.0","#, "corepack enable"),
        ("bun.lock", "", "bun install --frozen-lockfile --production"),
        ("bun.lockb", "", "FROM oven/bun:1-slim"),
        ("yarn.lock", #""packageManager":"yarn@4.2.0","#, "yarn install --immutable"),
        ("README.md", "", "RUN npm install --omit=dev"),
        (
            "README.md", #""scripts":{"build":"tsc"},"#,
            "RUN npm install --no-audit --no-fund\n\nCOPY --chown=node . .\nRUN npm run build"
        ),
        ("package-lock.json", #""scripts":{"start":"tsx server.ts"},"#, "RUN npm ci --no-audit"),
        (
            "package-lock.json", #""scripts":{"prepare":"husky"},"#,
            "COPY --chown=node . .\nRUN npm ci --no-audit"
        ),
        ("package-lock.json", #""workspaces":["a"],"#, "COPY --chown=node . .\nRUN npm ci --no-audit"),
        (
            "package-lock.json", #""dependencies":{"x":"file:./x"},"#,
            "COPY --chown=node . .\nRUN npm ci --no-audit"
        ),
    ])
    func `packages are installed with the lock file's package manager`(
        _ lock: String, _ fields: String, _ part: String
    ) throws {
        let files = ["package.json": "{\(fields)\"main\":\"index.js\"}", lock: ""]
        let text = try written(.node, files).bytes.text
        #expect(text.contains(part), "\(text)")
    }

    @Test(arguments: [
        (
            #"{"scripts":{"start":"vite"}}"#,
            ["npm", "run", "start", "--", "--host", "0.0.0.0", "--port", "7860"]
        ),
        (#"{"scripts":{"start":"vite --port 7860"}}"#, ["npm", "run", "start"]),
        (
            #"{"scripts":{"start":"next start"},"dependencies":{"next":"15"}}"#,
            ["npm", "run", "start", "--", "--hostname", "0.0.0.0", "--port", "7860"]
        ),
        (#"{"scripts":{"start":"next build && next start"}}"#, ["npm", "run", "start"]),
        (#"{"main":"./src/index.js"}"#, ["node", "src/index.js"]),
    ])
    func `a server listens on the Hub's port`(_ manifest: String, _ command: [String]) throws {
        #expect(try startCommand(.node, ["package.json": manifest]) == command)
    }

    @Test(arguments: [
        ([".nvmrc": "v18.19.0"], "18"), ([".nvmrc": "lts/iron"], "20"), ([".node-version": "24"], "24"),
        ([".nvmrc": "node"], "22"),
        (["engines": "^20"], "20"), (["engines": "18.x || 20.x"], "20"), (["engines": ">= 24"], "24"),
        (["engines": "*"], "22"),
        (["engines": "16 - 18"], "18"), (["engines": "<=20"], "20"), (["engines": "what?"], "22"),
        ([:], "22"),
    ])
    func `the version is the one that the project requires`(_ files: [String: String], _ version: String)
        throws
    {
        let range = files["engines"].map { ",\"engines\":{\"node\":\"\($0)\"}" } ?? ""
        var all = files.filter { $0.key.hasPrefix(".") }
        all["package.json"] = "{\"main\":\"a.js\"\(range)}"
        #expect(try written(.node, all).bytes.text.contains("\nFROM node:\(version)-slim\n"))
    }

    @Test(arguments: [
        "", "{", "[]", "{\"scripts\":{}}", "{\"main\":\"\"}", "{\"main\":\"--eval\"}",
        "{\"main\":\"../x.js\"}",
    ])
    func `a manifest without a start command is rejected`(_ manifest: String) {
        let failure = #expect(throws: DeployError.self) { try written(.node, ["package.json": manifest]) }
        #expect(failure?.kind == .settings)
    }

    @Test func `an error for a manifest over a limit names the limit`() {
        let deep = "{\"scripts\":" + String(repeating: "[", count: 70)
        let failure = #expect(throws: DeployError.self) { try written(.node, ["package.json": deep]) }
        #expect(failure?.kind == .settings)
        #expect(failure?.message.hasSuffix("it has more than 64 levels") == true)
    }

    @Test func `NODE_ENV in the settings takes precedence`() throws {
        let container = ContainerSettings(env: [.init("NODE_ENV", "development")])
        let text = try written(.node, ["package.json": "{\"main\":\"a.js\"}"], container).bytes.text
        #expect(text.contains("ENV NODE_ENV=development\n") && !text.contains("production"))
    }

    @Test(arguments: [
        (#" {"a":[1,-2.5e3,true,null,"x\u0041\n\"é"],"b":{}} "#, true), ("{\"a\":1,}", false),
        ("[1 2]", false), ("nan", false),
        (String(repeating: "[", count: 100_000), false), ("\"\\x\"", false), ("{\"a\"", false),
        ("{} {}", false), ("", false),
    ])
    func `valid JSON is read, invalid JSON is not`(_ text: String, _ isValid: Bool) {
        #expect((JSON(Array(text.utf8)) != nil) == isValid)
    }
}
