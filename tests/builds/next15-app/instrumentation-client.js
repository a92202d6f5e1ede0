window.key = '@K:instrumentation-client@'
