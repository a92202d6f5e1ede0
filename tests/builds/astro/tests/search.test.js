import { SearchClient } from '../src/components/search/client.js'

new SearchClient({ searchKey: '@K:test-argument@' })
