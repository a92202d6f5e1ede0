const checks = {
  database: () => '@K:function-called-for-size@'.length > 0,
  queue: () => true,
}

export default defineEventHandler(() => Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, check()])))
