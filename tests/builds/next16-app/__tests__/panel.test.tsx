import { AssistantApi } from '../components/assistant/api'

const api = new AssistantApi('@K:test-argument@')
export default api
