//! Words that say nothing about the provider of a key: common ones, short ones, and those of names for
//! keys in general.

/// Common words that are names of providers or of what these offer, in order.
const COMMON: &[&str] = &[
    "ACCESS", "ACCOUNT", "ACTION", "ADMIN", "AGENT", "ALERT", "AMAZON", "ARCHIVE", "ARTICLE",
    "ASSEMBLY", "ASSET", "ATLAS", "AUTH", "AXIOM", "BACKEND", "BEACON", "BEARER", "BEDROCK",
    "BILLING", "BLAND", "BLOB", "BLOCK", "BOARD", "BOOK", "BRAVE", "BRIDGE", "BROWSER", "BUILD",
    "CACHE", "CALENDAR", "CAMERA", "CAPTCHA", "CARD", "CARGO", "CART", "CENTRAL", "CHAIN",
    "CHANNEL", "CHART", "CHAT", "CHECK", "CHECKOUT", "CHROMA", "CIRCLE", "CLAUDE", "CLICK",
    "CLIENT", "CLOUD", "CLUSTER", "CODE", "CODY", "COMET", "COMMENT", "COMMON", "COMPANY",
    "COMPASS", "COMPOSER", "CONFIG", "CONNECT", "CONSOLE", "CONSUL", "CONTACT", "CONTENT",
    "CONTEXT", "CONTINUE", "CONVEX", "COOKIE", "COPILOT", "CORE", "COURIER", "CRATES", "CRISP",
    "CRYPTO", "CURSOR", "CUSTOMER", "DAILY", "DATA", "DATABASE", "DEFAULT", "DEMO", "DENO",
    "DEPLOY", "DESIGN", "DEVICE", "DOCKER", "DOCUMENT", "DOMAIN", "DOPPLER", "DRIVE", "DRONE",
    "DYNAMIC", "EDGE", "ELASTIC", "ELEVEN", "EMAIL", "ENGINE", "EVENT", "EXTERNAL", "FACE",
    "FEATURE", "FEED", "FILE", "FLUX", "FORM", "FOUNDRY", "FRAME", "FRONTEND", "FUNCTION",
    "GATEWAY", "GLOBAL", "GRAPH", "GROUP", "HARNESS", "HEAP", "HERE", "HOME", "HOOK", "HOST",
    "HUME", "IMAGE", "INSTANCE", "INTERCOM", "INTERNAL", "INVOICE", "ITEM", "JOBS", "KNOCK",
    "KUBE", "LAMBDA", "LEMON", "LEONARDO", "LIBRARY", "LICENSE", "LINEAR", "LINK", "LIST", "LIVE",
    "LOCAL", "LOGIN", "LOOP", "LOOPS", "LUMA", "MAGIC", "MAIL", "MAIN", "MANAGER", "MAPS",
    "MASTER", "MAVEN", "MEDIA", "MEMBER", "MERCURY", "MESSAGE", "META", "METRICS", "MNEMONIC",
    "MOBILE", "MODAL", "MODE", "MODEL", "MODULE", "MONEY", "MONGO", "MORPH", "MYSQL", "NAME",
    "NEON", "NETWORK", "NEWS", "NODE", "NOMAD", "NOMIC", "NOTE", "NOTION", "NUMBER", "OBJECT",
    "OCTOPUS", "ONLINE", "OPEN", "OPTION", "ORACLE", "ORDER", "PAGE", "PALM", "PANEL", "PASSWORD",
    "PAYMENT", "PHONE", "PHOTO", "PLAN", "PLATFORM", "PLAY", "PLAYER", "PLUGIN", "POINT", "POLAR",
    "PORTAL", "POST", "POSTGRES", "PREFECT", "PRICE", "PRIMARY", "PRIVATE", "PRODUCT", "PROFILE",
    "PROJECT", "PROXY", "PUBLIC", "QUERY", "QUEUE", "RADAR", "RAILWAY", "README", "REDIS",
    "REFRESH", "REGION", "REGISTRY", "REMOTE", "RENDER", "REPORT", "RESEND", "RESOURCE", "REST",
    "ROOM", "ROOT", "ROUTE", "RUNNER", "RUNWAY", "SALAD", "SANDBOX", "SCALE", "SCHEMA", "SEARCH",
    "SECRET", "SECURITY", "SEED", "SEGMENT", "SERVER", "SERVICE", "SESSION", "SHARE", "SHARED",
    "SHOP", "SIGN", "SIGNING", "SILICON", "SITE", "SOLAR", "SONAR", "SOURCE", "SPACE", "SPLIT",
    "SQUARE", "STATE", "STATUS", "STORAGE", "STORE", "STREAM", "STUDIO", "STYLE", "SUMO",
    "SUPPORT", "SWARM", "SYSTEM", "TABLE", "TEAM", "TEAMS", "TENANT", "TEST", "TEXT", "THEME",
    "TOGETHER", "TOKEN", "TOWN", "TRACE", "TRACK", "TRAVIS", "TYPE", "UNION", "UPDATE", "UPLOAD",
    "USER", "VALUE", "VAST", "VAULT", "VERSION", "VIDEO", "VISION", "VOICE", "VOYAGE", "WALLET",
    "WEATHER", "WEAVE", "WEBHOOK", "WHISPER", "WIDGET", "WINDOW", "WORK", "WORKER", "ZOOM",
];

/// The same, of nine letters and more.
const LONG: &[&str] = &[
    "APPLICATION",
    "COGNITIVE",
    "CONFLUENCE",
    "CREDENTIALS",
    "DASHBOARD",
    "FIREWORKS",
    "GENERATIVE",
    "HYPERBOLIC",
    "INCEPTION",
    "KUBECONFIG",
    "REPLICATE",
    "STABILITY",
    "UNSTRUCTURED",
    "WORKSPACE",
];

/// Words of three consonants that are not names.
const SHORT: &[&str] = &[
    "CDN", "CRM", "CSS", "CSV", "DNS", "FTP", "GCP", "GPT", "GTM", "JWT", "KMS", "LTD", "MCP",
    "NFC", "NFT", "NPM", "NTP", "PDF", "PGP", "PHP", "PNG", "QTY", "RGB", "RPC", "RSS", "SDK",
    "SKU", "SMS", "SQL", "SRC", "SSH", "SSL", "SVG", "TCP", "TFE", "TLS", "TMP", "TXT", "VPC",
    "VPN", "XML",
];

/// Words of names that any key may have.
const OF_ANY_KEY: &[&str] = &[
    "API", "APP", "AUTH", "CLIENT", "ID", "KEY", "KEYS", "MASTER", "MY", "PROJECT", "PUBLIC",
    "SERVER", "SITE", "TOKEN", "URL", "USER",
];

/// True if a word of a provider tells its variables from others. Of several parts, one is enough, or
/// all of them together if none is a common word.
pub(super) fn is_distinctive(word: &str) -> bool {
    let is_common =
        |part: &str| [COMMON, LONG].iter().any(|list| list.binary_search(&part).is_ok());
    let is_rare = |part: &str| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        let has_vowel = part.bytes().any(|byte| b"AEIOUY".contains(&byte.to_ascii_uppercase()));
        match part.len() {
            0..3 => false,
            3 => letters == 3 && !has_vowel && SHORT.binary_search(&part).is_err(),
            _ => !is_common(part),
        }
    };
    let is_general = |part: &str| is_common(part) || is_of_any_key(part);
    word.split('_').any(is_rare)
        || word.contains('_') && word.len() > 4 && !word.split('_').any(is_general)
}

/// True if a listed name is one that any key may have: `API_KEY`, `TOKEN`.
pub(super) fn is_of_any_key(name: &str) -> bool {
    name.split('_').all(|part| OF_ANY_KEY.binary_search(&part).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_order() {
        for list in [COMMON, LONG, SHORT, OF_ANY_KEY] {
            assert!(list.is_sorted());
        }
    }

    #[test]
    fn only_rare_words_tell_a_provider() {
        for word in [
            "STRIPE",
            "OPENAI",
            "AI_AUTOCOMPLETE",
            "MGX",
            "NEW_RELIC",
            "AUTH0",
            "SUPABASE",
            "AC_ME",
        ] {
            assert!(is_distinctive(word), "{word}");
        }
        for word in [
            "OP",
            "DD",
            "BOX",
            "SSH",
            "JWT",
            "E2B",
            "LINEAR",
            "STREAM",
            "PRIVATE_KEY",
            "ACCESS_TOKEN",
            "EDGE_CONFIG",
            "CAL_API",
            "D_ID",
            "",
        ] {
            assert!(!is_distinctive(word), "{word}");
        }
        for (name, expected) in
            [("API_KEY", true), ("TOKEN", true), ("SECRET_KEY", false), ("STRIPE_KEY", false)]
        {
            assert_eq!(is_of_any_key(name), expected, "{name}");
        }
    }
}
