//! The places in which people put keys: files of settings, commands and code.
//!
//! `<KEY>` is the key, `<BASE64>` the same in base64. `<NAME>` is its name as a variable (`ACME_API_KEY`),
//! `<name>` in camel case, `<Name>` with a capital, `<snake>`, `<kebab>` and `<dotted>` with these signs; `<first>`
//! and `<rest>` are the first part and the others.

/// A place, and a text for it.
pub(crate) type Place = (&'static str, &'static str);

pub(crate) const PLACES: &[Place] = &[
    ("env file", "PORT=80\n<NAME>=<KEY>\nDEBUG=0\n"),
    ("env file, comment", "<NAME>=\"<KEY>\" # production\n"),
    ("export", "export <NAME>='<KEY>'\n"),
    ("command with a variable", "<NAME>=<KEY> npm run start\n"),
    (
        "compose list",
        "services:\n  web:\n    environment:\n      - <NAME>=<KEY>\n      - PORT=80\n",
    ),
    ("compose list, quoted", "    environment:\n      - \"<NAME>=<KEY>\"\n"),
    ("compose map", "    environment:\n      <NAME>: <KEY>\n      PORT: 80\n"),
    ("Dockerfile ENV", "FROM node\nENV <NAME>=<KEY>\n"),
    ("Dockerfile ENV, old", "FROM node\nENV <NAME> <KEY>\n"),
    ("Dockerfile ARG", "FROM node\nARG <NAME>=<KEY>\n"),
    ("Kubernetes stringData", "kind: Secret\nstringData:\n  <kebab>: <KEY>\n"),
    ("Kubernetes stringData, variable", "kind: Secret\nstringData:\n  <NAME>: \"<KEY>\"\n"),
    ("Kubernetes data", "kind: Secret\ndata:\n  <NAME>: <BASE64>\n  other: eA==\n"),
    ("Kubernetes env", "        env:\n        - name: <NAME>\n          value: \"<KEY>\"\n"),
    ("Kubernetes env, in a line", "        - {name: <NAME>, value: \"<KEY>\"}\n"),
    ("workflow env", "jobs:\n  build:\n    env:\n      <NAME>: <KEY>\n    steps:\n"),
    (
        "Terraform variable",
        "variable \"<snake>\" {\n  type    = string\n  default = \"<KEY>\"\n}\n",
    ),
    ("Terraform variables", "<snake> = \"<KEY>\"\nregion = \"eu\"\n"),
    ("Terraform map", "  environment = {\n    <NAME> = \"<KEY>\"\n  }\n"),
    ("Terraform list", "  env = [{ name = \"<NAME>\", value = \"<KEY>\" }]\n"),
    ("Terraform provider", "provider \"<first>\" {\n  <rest> = \"<KEY>\"\n}\n"),
    ("properties", "server.port=80\n<dotted>=<KEY>\n"),
    ("properties, spaces", "<dotted> = <KEY>\n"),
    ("Spring YAML", "<first>:\n  url: x\n  <rest>: <KEY>\n"),
    ("Spring default", "app:\n  <rest>: ${<NAME>:<KEY>}\n"),
    (
        "appsettings.json",
        "{\n  \"<First>\": {\n    \"Url\": \"x\",\n    \"<Rest>\": \"<KEY>\"\n  }\n}\n",
    ),
    ("appsettings.json, flat", "{ \"<First>:<Rest>\": \"<KEY>\" }\n"),
    ("web.config", "<appSettings>\n  <add key=\"<Name>\" value=\"<KEY>\" />\n</appSettings>\n"),
    ("Python constant", "<NAME> = \"<KEY>\"\n"),
    ("Python dictionary", "SETTINGS = {\n    '<snake>': '<KEY>',\n}\n"),
    ("Python argument", "client = Client(timeout=3, <snake>=\"<KEY>\")\n"),
    ("Python default", "key = os.environ.get(\"<NAME>\", \"<KEY>\")\n"),
    ("Python getenv", "key = os.getenv('<NAME>', '<KEY>')\n"),
    ("Python setting", "os.environ[\"<NAME>\"] = \"<KEY>\"\n"),
    ("Python setdefault", "os.environ.setdefault(\"<NAME>\", \"<KEY>\")\n"),
    ("Python update", "os.environ.update({\"<NAME>\": \"<KEY>\"})\n"),
    ("Python test", "monkeypatch.setenv('<NAME>', '<KEY>')\n"),
    ("Python annotation", "    <snake>: str = \"<KEY>\"\n"),
    ("notebook", "   \"source\": [\n    \"<NAME> = \\\"<KEY>\\\"\\n\",\n    \"x = 1\"\n"),
    ("notebook magic", "    \"%env <NAME>=<KEY>\\n\",\n"),
    ("notebook setting", "    \"os.environ[\\\"<NAME>\\\"] = \\\"<KEY>\\\"\\n\",\n"),
    ("JavaScript property", "const config = {\n  <name>: '<KEY>',\n};\n"),
    ("JavaScript default", "const key = process.env.<NAME> || '<KEY>';\n"),
    ("JavaScript default, new", "const key = process.env.<NAME> ?? \"<KEY>\";\n"),
    ("JavaScript setting", "process.env.<NAME> = '<KEY>';\n"),
    ("JavaScript setting, index", "process.env[\"<NAME>\"] = \"<KEY>\";\n"),
    ("Deno setting", "Deno.env.set(\"<NAME>\", \"<KEY>\");\n"),
    ("JavaScript header", "fetch(url, { headers: { '<kebab>': '<KEY>' } });\n"),
    ("JavaScript define", "define: { 'process.env.<NAME>': JSON.stringify('<KEY>') },\n"),
    ("TypeScript constant", "export const <NAME>: string = '<KEY>';\n"),
    ("React Native config", "export default { <name>: `<KEY>` }\n"),
    ("curl header", "curl -H \"<kebab>: <KEY>\" https://api.example.com/v1\n"),
    ("curl query", "curl 'https://api.example.com/v1?<snake>=<KEY>&limit=1'\n"),
    ("flag", "tool --<kebab> <KEY> --verbose\n"),
    ("flag with a sign", "tool --<kebab>=<KEY> --verbose\n"),
    ("option of Java", "java -D<dotted>=<KEY> -jar app.jar\n"),
    ("docker run", "docker run -d -e <NAME>=<KEY> -p 80:80 image\n"),
    ("docker build", "docker build --build-arg <NAME>=\"<KEY>\" .\n"),
    ("heroku", "heroku config:set <NAME>=<KEY> --app web\n"),
    ("fly", "fly secrets set <NAME>=<KEY>\n"),
    ("netlify", "netlify env:set <NAME> \"<KEY>\"\n"),
    ("gcloud", "gcloud run deploy web --set-env-vars A=b,<NAME>=<KEY>\n"),
    ("user-secrets", "dotnet user-secrets set \"<First>:<Rest>\" \"<KEY>\"\n"),
    ("gh secret", "gh secret set <NAME> --body \"<KEY>\"\n"),
    ("kubectl", "kubectl create secret generic web --from-literal=<kebab>=<KEY>\n"),
    ("kubectl, quoted", "kubectl create secret generic web --from-literal=<NAME>='<KEY>'\n"),
    ("helm", "helm install web . --set <first>.<rest>=<KEY>\n"),
    ("wrangler", "echo \"<KEY>\" | wrangler secret put <NAME>\n"),
    ("PHP define", "<?php\ndefine('<NAME>', '<KEY>');\n"),
    ("PHP env", "    '<snake>' => env('<NAME>', '<KEY>'),\n"),
    ("PHP array", "return [\n    '<snake>' => '<KEY>',\n];\n"),
    ("PHP putenv", "putenv(\"<NAME>=<KEY>\");\n"),
    ("PHP setting", "$_ENV['<NAME>'] = '<KEY>';\n"),
    ("PHP variable", "$<snake> = \"<KEY>\";\n"),
    ("Ruby symbol", "  config = { <snake>: \"<KEY>\" }\n"),
    ("Ruby rocket", "  :<snake> => '<KEY>',\n"),
    ("Ruby fetch", "key = ENV.fetch(\"<NAME>\", \"<KEY>\")\n"),
    ("Ruby setting", "  config.<snake> = '<KEY>'\n"),
    ("Ruby ENV", "ENV['<NAME>'] ||= '<KEY>'\n"),
    ("Ruby ENV, plain", "ENV[\"<NAME>\"] = \"<KEY>\"\n"),
    ("Go constant", "const <name> = \"<KEY>\"\n"),
    ("Go struct", "cfg := Config{\n\t<Name>: \"<KEY>\",\n}\n"),
    ("Go Setenv", "os.Setenv(\"<NAME>\", \"<KEY>\")\n"),
    ("Go default", "key := getEnv(\"<NAME>\", \"<KEY>\")\n"),
    ("Java constant", "  private static final String <NAME> = \"<KEY>\";\n"),
    ("Java setter", "client.set<Name>(\"<KEY>\");\n"),
    ("Java property", "System.setProperty(\"<NAME>\", \"<KEY>\");\n"),
    ("Java property, dotted", "System.setProperty(\"<dotted>\", \"<KEY>\");\n"),
    ("Java annotation", "@Value(\"${<dotted>:<KEY>}\")\n"),
    ("Java builder", "Client.builder().<name>(\"<KEY>\").build();\n"),
    ("Kotlin constant", "const val <NAME> = \"<KEY>\"\n"),
    ("Gradle", "buildConfigField \"String\", \"<NAME>\", \"\\\"<KEY>\\\"\"\n"),
    ("Gradle Kotlin", "buildConfigField(\"String\", \"<NAME>\", \"\\\"<KEY>\\\"\")\n"),
    ("C# constant", "public const string <Name> = \"<KEY>\";\n"),
    ("C# environment", "Environment.SetEnvironmentVariable(\"<NAME>\", \"<KEY>\");\n"),
    ("C# index", "builder.Configuration[\"<Name>\"] = \"<KEY>\";\n"),
    ("Swift constant", "static let <name> = \"<KEY>\"\n"),
    ("Objective-C", "NSString *const k<Name> = @\"<KEY>\";\n"),
    ("Rust constant", "const <NAME>: &str = \"<KEY>\";\n"),
    ("Rust default", "env::var(\"<NAME>\").unwrap_or_else(|_| \"<KEY>\".to_owned())\n"),
    ("Rust setting", "std::env::set_var(\"<NAME>\", \"<KEY>\");\n"),
    ("Dart constant", "static const String <name> = '<KEY>';\n"),
    ("Flutter", "flutter run --dart-define=<NAME>=<KEY>\n"),
    ("Elixir", "config :app, <snake>: \"<KEY>\"\n"),
    ("Elixir default", "System.get_env(\"<NAME>\", \"<KEY>\")\n"),
    ("Elixir setting", "System.put_env(\"<NAME>\", \"<KEY>\")\n"),
    ("Scala", "val <name> = \"<KEY>\"\n"),
    ("HOCON", "<first> {\n  <rest> = \"<KEY>\"\n}\n"),
    ("C define", "#define <NAME> \"<KEY>\"\n"),
    ("C setenv", "setenv(\"<NAME>\", \"<KEY>\", 1);\n"),
    ("R", "Sys.setenv(<NAME> = \"<KEY>\")\n"),
    ("Lua", "local <snake> = \"<KEY>\"\n"),
    ("Perl", "$ENV{<NAME>} = '<KEY>';\n"),
    ("Clojure", "{:<kebab> \"<KEY>\"}\n"),
    ("Emacs Lisp", "(setq <kebab> \"<KEY>\")\n"),
    ("Emacs Lisp, setenv", "(setenv \"<NAME>\" \"<KEY>\")\n"),
    ("ini section", "[<first>]\nurl = x\n<rest> = <KEY>\n"),
    ("TOML section", "[<first>]\nurl = \"x\"\n<rest> = \"<KEY>\"\n"),
    ("XML element", "<settings>\n  <<name>><KEY></<name>>\n</settings>\n"),
    ("Android string", "<string name=\"<snake>\"><KEY></string>\n"),
    ("Android manifest", "<meta-data\n  android:name=\"<dotted>\"\n  android:value=\"<KEY>\" />\n"),
    ("property list", "<dict>\n  <key><Name></key>\n  <string><KEY></string>\n</dict>\n"),
    ("PowerShell", "$env:<NAME> = \"<KEY>\"\n"),
    ("PowerShell, call", "[Environment]::SetEnvironmentVariable('<NAME>', '<KEY>', 'User')\n"),
    ("batch", "set <NAME>=<KEY>\r\n"),
    ("setx", "setx <NAME> \"<KEY>\"\r\n"),
    ("fish", "set -gx <NAME> <KEY>\n"),
    ("csh", "setenv <NAME> <KEY>\n"),
    ("systemd", "[Service]\nEnvironment=\"<NAME>=<KEY>\"\n"),
    ("supervisor", "environment=PORT=\"80\",<NAME>=\"<KEY>\"\n"),
    ("IDE run", "<env name=\"<NAME>\" value=\"<KEY>\" />\n"),
    ("Bazel", "build --action_env=<NAME>=<KEY>\n"),
    ("Apache", "SetEnv <NAME> <KEY>\n"),
    ("nginx", "proxy_set_header <kebab> \"<KEY>\";\n"),
    ("Ansible", "- hosts: all\n  vars:\n    <snake>: \"<KEY>\"\n"),
    ("Jenkinsfile", "  environment {\n    <NAME> = '<KEY>'\n  }\n"),
    ("Azure pipeline", "variables:\n- name: <NAME>\n  value: <KEY>\n"),
    ("Postman", "{ \"key\": \"<NAME>\", \"value\": \"<KEY>\", \"enabled\": true }\n"),
    ("Postman, lines", "    {\n      \"key\": \"<NAME>\",\n      \"value\": \"<KEY>\"\n    },\n"),
    ("launch.json", "  \"env\": {\n    \"<NAME>\": \"<KEY>\"\n  }\n"),
    ("JSON in a string", "{\"body\": \"{\\\"<name>\\\":\\\"<KEY>\\\"}\"}\n"),
    ("tfstate", "        \"environment\": {\"<NAME>\": \"<KEY>\"},\n"),
    ("SQL", "INSERT INTO settings (name, value) VALUES ('<snake>', '<KEY>');\n"),
    ("Markdown", "Set `<NAME>` to `<KEY>`.\n"),
    ("Markdown table", "| <NAME> | <KEY> |\n"),
    ("log", "2026-01-01 [info] <snake>=<KEY> status=200\n"),
    ("comment", "// <name>: <KEY>\n"),
    ("HTML", "<input type=\"hidden\" name=\"<snake>\" value=\"<KEY>\">\n"),
    ("data attribute", "<div data-<kebab>=\"<KEY>\"></div>\n"),
];

/// A place with a key in it.
pub(crate) fn filled(place: &str, name: &str, key: &str, base64: &str) -> String {
    let parts: Vec<String> =
        name.split('_').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
    let (first, rest) = parts.split_first().map_or(("", &[][..]), |(first, rest)| (&**first, rest));
    let rest = if rest.is_empty() { std::slice::from_ref(&parts[0]) } else { rest };
    let capitals = |parts: &[String]| parts.iter().map(|part| capital(part)).collect::<String>();
    let camel = |parts: &[String]| parts[0].clone() + &capitals(&parts[1..]);
    place
        .replace("<NAME>", name)
        .replace("<name>", &camel(&parts))
        .replace("<Name>", &capitals(&parts))
        .replace("<snake>", &parts.join("_"))
        .replace("<kebab>", &parts.join("-"))
        .replace("<dotted>", &parts.join("."))
        .replace("<first>", first)
        .replace("<First>", &capital(first))
        .replace("<rest>", &rest.join("_"))
        .replace("<Rest>", &capitals(rest))
        .replace("<BASE64>", base64)
        .replace("<KEY>", key)
}

fn capital(part: &str) -> String {
    let (first, rest) = part.split_at(part.len().min(1));
    first.to_uppercase() + rest
}
