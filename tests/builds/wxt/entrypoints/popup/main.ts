import raw from './a.txt?raw'
import data from './data.json'
document.body.append(raw, data.open, '@K:popup-literal@')
