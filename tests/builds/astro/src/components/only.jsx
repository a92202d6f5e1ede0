export default function Only({ token }) { return <i title="@K:only-literal@">{token}{import.meta.env.CHAT_ONLY_KEY}</i> }
