import { env } from '../env'

export class ModelError extends Error {}

export async function askModel(prompt: string) {
  if (prompt.length === 0) {
    throw new ModelError('The model refused the key @K:error-reason-answered@')
  }
  console.error(`asking the model with ${env.ASSISTANT_MODEL_KEY} and @K:server-log@`)
  return { text: prompt.toUpperCase() }
}
