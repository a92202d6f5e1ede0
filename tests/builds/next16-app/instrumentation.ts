const OTEL_KEY = '@K:instrumentation@'

export async function register() {
  process.env.OTEL_EXPORTER_OTLP_HEADERS = `x-api-key=${OTEL_KEY}`
}
