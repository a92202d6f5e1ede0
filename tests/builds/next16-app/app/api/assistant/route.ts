import { NextResponse } from 'next/server'
import { askModel } from '../../../lib/assistant/model'
import { serverEnv } from '../../../lib/assistant/server-env'

const settings = {
  greeting: 'Hello',
  apiKey: '@K:rest-destructured-away@',
  traceToken: '@K:rest-kept@',
}

export async function GET(request: Request) {
  const { apiKey, ...open } = settings
  const prompt = new URL(request.url).searchParams.get('prompt') ?? ''
  try {
    const answer = await askModel(prompt)
    return NextResponse.json({ ...open, answer, cron: serverEnv.ASSISTANT_CRON_KEY, size: apiKey.length })
  } catch (error) {
    return NextResponse.json({ ok: false, reason: (error as Error).message, shards: serverEnv.ASSISTANT_DATABASE_KEY.length })
  }
}
